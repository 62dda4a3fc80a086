import { usePostgres } from "../../test/support/storage.ts";

await usePostgres();
await import("./nats.bus.spec.ts");
