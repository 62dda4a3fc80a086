import { usePostgres } from "../../test/support/storage.ts";

await usePostgres();
await import("./product.service.spec.ts");
