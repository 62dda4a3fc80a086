import { usePostgres } from "../../test/support/storage.ts";

await usePostgres();
await import("./order.cancellation.spec.ts");
