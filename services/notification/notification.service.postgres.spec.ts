import { usePostgres } from "../../test/support/storage.ts";

await usePostgres();
await import("./notification.service.spec.ts");
