/** The user service's settings. */
import { defineConfig, duration } from "#core/config.ts";

export const config = defineConfig("user", {
  USER_SESSION_IDLE: duration("Milliseconds that a sign-in lasts without a refresh.", 14 * 24 * 60 * 60 * 1000),
  USER_SESSION_LIFETIME: duration("Milliseconds that a sign-in lasts at most.", 90 * 24 * 60 * 60 * 1000),
});
