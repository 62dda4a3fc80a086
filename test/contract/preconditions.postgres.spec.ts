import { usePostgres } from "../support/storage.ts";
await usePostgres();
await import("./preconditions.spec.ts");
