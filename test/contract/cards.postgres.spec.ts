import { usePostgres } from "../support/storage.ts";

await usePostgres();
await import("./cards.spec.ts");
