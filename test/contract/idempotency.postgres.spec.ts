import { usePostgres } from "../support/storage.ts";

await usePostgres();
await import("./idempotency.spec.ts");
