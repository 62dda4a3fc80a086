import { S3Storage } from "#mixins/storage/s3.storage.ts";
import { findDaemon } from "../../scripts/cluster/binaries.ts";
import { isHere } from "../support/systems/is-here.ts";
import { storageConformance } from "../support/systems/storage-conformance.ts";
import { startVersitygw } from "../support/systems/versitygw.ts";

if (isHere(() => findDaemon("versitygw"))) {
  const server = await startVersitygw();
  afterAll(() => void server.stop());
  storageConformance("in S3", async () => S3Storage.open(server.options));
}
