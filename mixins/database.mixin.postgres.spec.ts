import { usePostgres } from "../test/support/storage.ts";

await usePostgres();
await import("./database.mixin.spec.ts");
