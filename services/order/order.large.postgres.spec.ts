import { usePostgres } from "../../test/support/systems/storage.ts";

await usePostgres();
await import("./order.large.spec.ts");
