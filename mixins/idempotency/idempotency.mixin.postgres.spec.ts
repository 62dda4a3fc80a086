import { usePostgres } from "../../test/support/systems/storage.ts";

await usePostgres();
await import("./idempotency.mixin.spec.ts");
