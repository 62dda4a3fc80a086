import { usePostgres } from "../../test/support/systems/storage.ts";

await usePostgres();
await import("./product.service.spec.ts");
