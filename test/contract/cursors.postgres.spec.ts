import { usePostgres } from "../support/systems/storage.ts";

await usePostgres();
await import("./cursors.spec.ts");
