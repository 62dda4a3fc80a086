import { usePostgres } from "../../test/support/storage.ts";

await usePostgres();
await import("./payment.service.spec.ts");
