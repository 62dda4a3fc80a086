/** The settings of all gateways over HTTP. */
import { defineConfig, origins } from "#core/config.ts";

export const config = defineConfig("http", {
  CORS_ORIGINS: origins(
    "Origins of other sites whose pages may call the HTTP API, gRPC-Web and Connect, e.g. https://shop.example.com.",
    [],
  ),
});
