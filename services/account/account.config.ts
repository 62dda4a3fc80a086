/** The account service's settings. */
import { count, defineConfig } from "#core/config.ts";

export const config = defineConfig("account", {
  ACCOUNT_PROFILES_MAX: count("Viewer profiles that one person may have.", 5, { least: 1, most: 50 }),
});
