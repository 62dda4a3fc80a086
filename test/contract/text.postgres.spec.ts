import { usePostgres } from "../support/systems/storage.ts";

await usePostgres();
await import("./text.spec.ts");
