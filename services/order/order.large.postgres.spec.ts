import { usePostgres } from "../../test/support/storage.ts";

await usePostgres();
await import("./order.large.spec.ts");
