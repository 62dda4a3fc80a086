/** The user service's settings. */
import { DAY } from "#core/clock.ts";
import { ConfigError, count, defineConfig, duration, flag, oneOf, optional, secret, text, url } from "#core/config.ts";

export const config = defineConfig("user", {
  USER_ATTEMPTS: count(
    "Wrong passwords that strangers may try at once for one account, then one a minute. Each network from which the account was used may try as many.",
    20,
  ),
  USER_SESSION_IDLE: duration("Milliseconds that a session lasts without a refresh.", 14 * DAY, { most: 3650 * DAY }),
  USER_SESSION_LIFETIME: duration("The most milliseconds that a session lasts.", 90 * DAY, { most: 3650 * DAY }),
  USER_SIGN_UP_VERIFIED: flag(
    "The e-mail address of a new account counts as verified. Set it where the deployment checks addresses before people sign up.",
    false,
  ),
  USER_DEVICE_PAGE: optional(
    url(
      ["https", "http"],
      "Page on which people type the code of a television, e.g. https://shop.example.com/device. Televisions show its address.",
    ),
  ),
  USER_ACCOUNT_PAGE: optional(
    url(
      ["https", "http"],
      "Page to which links in e-mails about accounts lead, e.g. https://shop.example.com/account. Without it, e-mails show a code instead.",
    ),
  ),
  USER_SECOND_FACTOR_ISSUER: text("Name that authenticator apps show for an account.", "Madang"),
  USER_STAFF_SECOND_FACTOR: flag(
    "Staff and administrators need a second factor: until they have one, they can do what customers can.",
    false,
  ),
  USER_SECRETS_KEY: optional(
    secret(32)(
      "Secret of at least 32 characters that encrypts the secrets of authenticator apps in the database. Without it, the key follows from TOKEN_PRIVATE_KEY. All nodes of the service need the same.",
    ),
  ),
  USER_BENEFIT_TTL: duration(
    "Milliseconds that coupons and points are held for an order that neither pays nor extends the hold.",
    900_000,
  ),
  USER_POINTS_CURRENCY: oneOf(
    ["KRW", "JPY", "USD", "EUR", "KWD"],
    "Currency of the orders that earn points and can be paid with them. A point is worth one minor unit of it.",
    "KRW",
  ),
  USER_POINTS_LIFE: duration(
    "Milliseconds for which points can be used, then to the end of the day (UTC).",
    365 * DAY,
    {
      least: DAY,
      most: 3650 * DAY,
    },
  ),
  USER_POINTS_RATE: count("Basis points of what was paid for goods that arrive, as points: 100 is 1 %.", 100, {
    most: 10_000,
  }),
  USER_REFRESH_LEEWAY: duration(
    "Milliseconds after a refresh in which the old token gets the same successor again. A later use of it ends the session.",
    10_000,
    { least: 0, most: 60_000 },
  ),
});

if (config.USER_SESSION_IDLE > config.USER_SESSION_LIFETIME)
  throw new ConfigError("USER_SESSION_IDLE must not be longer than USER_SESSION_LIFETIME.");

/** The node that runs this service signs access tokens. */
export { requireSigningKey as check } from "#mixins/node/keys.ts";
