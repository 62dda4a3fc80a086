import { usePostgres } from "../support/storage.ts";

await usePostgres();
await import("./erasure.spec.ts");
