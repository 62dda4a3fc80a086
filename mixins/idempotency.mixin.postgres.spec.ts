import { usePostgres } from "../test/support/storage.ts";

await usePostgres();
await import("./idempotency.mixin.spec.ts");
