import { usePostgres } from "../support/systems/storage.ts";

await usePostgres();
await import("./unverified.spec.ts");
