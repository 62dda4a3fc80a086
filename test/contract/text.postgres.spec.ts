import { usePostgres } from "../support/storage.ts";

await usePostgres();
await import("./text.spec.ts");
