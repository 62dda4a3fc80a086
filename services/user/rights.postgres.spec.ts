import { usePostgres } from "../../test/support/storage.ts";

await usePostgres();
await import("./rights.spec.ts");
