import { CreateMultipartUploadCommand, ListMultipartUploadsCommand, S3Client } from "@aws-sdk/client-s3";
import { S3Storage } from "#mixins/storage/s3.storage.ts";
import { findDaemon } from "../../scripts/cluster/binaries.ts";
import { isHere } from "../support/systems/is-here.ts";
import { storageConformance } from "../support/systems/storage-conformance.ts";
import { startVersitygw } from "../support/systems/versitygw.ts";

if (isHere(() => findDaemon("versitygw"))) {
  const { options, stop } = await startVersitygw();
  afterAll(() => void stop());
  const { bucket: Bucket, prefix, accessKey, secretKey, ...about } = options;
  const credentials = { accessKeyId: accessKey, secretAccessKey: secretKey };
  const client = new S3Client({ ...about, credentials, forcePathStyle: true });
  afterAll(() => client.destroy());
  storageConformance("in S3", async () => S3Storage.open(options), {
    async leave() {
      await client.send(new CreateMultipartUploadCommand({ Bucket, Key: `${prefix}t/begun` }));
    },
    async count() {
      const { Uploads = [] } = await client.send(new ListMultipartUploadsCommand({ Bucket, Prefix: prefix }));
      return Uploads.length;
    },
  });
}
