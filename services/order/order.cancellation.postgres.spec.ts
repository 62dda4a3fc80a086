import { usePostgres } from "../../test/support/systems/storage.ts";

await usePostgres();
await import("./order.cancellation.spec.ts");
