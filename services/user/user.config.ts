/** The user service's settings. */
import { ConfigError, count, defineConfig, duration, flag } from "#core/config.ts";

const DAY = 24 * 60 * 60 * 1000;

export const config = defineConfig("user", {
  USER_ATTEMPTS: count(
    "Wrong passwords that may be tried at once for one account by strangers, and as many from each network that it was used from; then one a minute.",
    20,
  ),
  USER_SESSION_IDLE: duration("Milliseconds that a sign-in lasts without a refresh.", 14 * DAY, { most: 3650 * DAY }),
  USER_SESSION_LIFETIME: duration("Milliseconds that a sign-in lasts at most.", 90 * DAY, { most: 3650 * DAY }),
  USER_SIGN_UP_VERIFIED: flag(
    "The e-mail address of a new account counts as verified: for a deployment that checks it before it lets people sign up.",
    false,
  ),
  USER_REFRESH_LEEWAY: duration(
    "Milliseconds after a refresh in which the token that was used answers its successor once more; later it ends the session.",
    10_000,
    { least: 0, most: 60_000 },
  ),
});

if (config.USER_SESSION_IDLE > config.USER_SESSION_LIFETIME)
  throw new ConfigError("USER_SESSION_IDLE must not be longer than USER_SESSION_LIFETIME.");

/** The node that runs this service signs access tokens. */
export { requireSigningKey as check } from "#mixins/node/keys.ts";
