import { usePostgres } from "../support/storage.ts";

await usePostgres();
await import("./unverified.spec.ts");
