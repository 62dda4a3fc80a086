import { usePostgres } from "../support/storage.ts";

await usePostgres();
await import("./cursors.spec.ts");
