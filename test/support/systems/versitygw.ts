/** A server that speaks S3, over a folder. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { spawn } from "node:child_process";
import { findDaemon } from "../../../scripts/cluster/binaries.ts";
import { eventually } from "../fixtures/eventually.ts";
import { freePort } from "../../../scripts/cluster/ports.ts";

const [access, secret, bucket] = ["spec-access", "spec-secret-key", "films"];

/** @returns what `S3Storage.open` needs, and the end of the server */
export async function startVersitygw() {
  const folder = join(process.env.DATA_DIR!, "s3");
  const [root, sidecar] = [join(folder, "root"), join(folder, "sidecar")];
  for (const path of [join(root, bucket), sidecar]) mkdirSync(path, { recursive: true });
  const port = await freePort();
  const args = [
    "--access",
    access,
    "--secret",
    secret,
    "--port",
    `127.0.0.1:${port}`,
    "posix",
    "--sidecar",
    sidecar,
    root,
  ];
  const server = spawn(findDaemon("versitygw"), args, { stdio: "ignore" });
  const endpoint = `http://127.0.0.1:${port}`;
  await eventually(() =>
    fetch(endpoint).then(
      () => true,
      () => false,
    ),
  );
  return {
    options: { bucket, prefix: "spec/", endpoint, region: "us-east-1", accessKey: access, secretKey: secret },
    stop: () => server.kill(),
  };
}
