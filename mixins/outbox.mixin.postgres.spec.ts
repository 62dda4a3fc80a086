import { usePostgres } from "../test/support/storage.ts";

await usePostgres();
await import("./outbox.mixin.spec.ts");
