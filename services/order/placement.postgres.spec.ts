import { usePostgres } from "../../test/support/systems/storage.ts";

await usePostgres();
await import("./placement.spec.ts");
