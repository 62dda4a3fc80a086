import { usePostgres } from "../../test/support/systems/storage.ts";

await usePostgres();
await import("./user.service.spec.ts");
