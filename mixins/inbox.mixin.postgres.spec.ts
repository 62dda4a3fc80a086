import { usePostgres } from "../test/support/storage.ts";

await usePostgres();
await import("./inbox.mixin.spec.ts");
