import { usePostgres } from "../test/support/storage.ts";

await usePostgres();
await import("./saga.mixin.spec.ts");
