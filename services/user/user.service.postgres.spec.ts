import { usePostgres } from "../../test/support/storage.ts";

await usePostgres();
await import("./user.service.spec.ts");
