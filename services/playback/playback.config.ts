/** The playback service's settings. */
import { ConfigError, count, defineConfig, duration } from "#core/config.ts";

export const config = defineConfig("playback", {
  PLAYBACK_LEASE: duration("Milliseconds after which the place of a player that is not heard of is free.", 45_000, {
    least: 100,
    most: 3_600_000,
  }),
  PLAYBACK_HEARTBEAT: duration("Milliseconds from one heartbeat of a player to the next.", 15_000, {
    least: 10,
    most: 3_600_000,
  }),
  PLAYBACK_TOKEN_TTL: duration(
    "Milliseconds that the addresses of a film's files are good for, longer than anybody watches it at a stretch.",
    43_200_000,
    { least: 60_000, most: 604_800_000 },
  ),
  PLAYBACK_LIST_MOST: count("Titles that a profile may keep for later, and may like or dislike.", 1000, {
    least: 1,
    most: 10_000,
  }),
});

/** @throws ConfigError when players would lose their places between two heartbeats */
export function check(): void {
  if (config.PLAYBACK_HEARTBEAT * 2 > config.PLAYBACK_LEASE)
    throw new ConfigError("PLAYBACK_LEASE must be at least twice PLAYBACK_HEARTBEAT, since a heartbeat may be lost.");
}
