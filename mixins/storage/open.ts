/** Opens the storage that the settings name; all services of a process share it. */
import { ConfigError } from "#core/config.ts";
import { perBroker } from "../node/per-broker.ts";
import { FolderStorage } from "./folder.storage.ts";
import type { Storage } from "./storage.ts";
import { chosenPlace, config } from "./storage.config.ts";

/** @throws ConfigError when the settings cannot work, or the package of S3 is missing */
export async function chosenStorage(): Promise<Storage> {
  const { folder, bucket, prefix } = chosenPlace();
  if (folder !== undefined) return new FolderStorage(folder);
  // Loaded only where it is used: it takes half a second.
  const { S3Storage } = await import("./s3.storage.ts").catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "ERR_MODULE_NOT_FOUND") throw error;
    throw new ConfigError("STORAGE_URL names S3, whose packages are missing: npm install, with the optional ones.");
  });
  return S3Storage.open({
    bucket: bucket!,
    prefix: prefix!,
    endpoint: config.STORAGE_S3_ENDPOINT,
    region: config.STORAGE_S3_REGION,
    accessKey: config.STORAGE_S3_ACCESS_KEY,
    secretKey: config.STORAGE_S3_SECRET_KEY,
  });
}

/** The storage of a node, opened when it is first asked for. */
export const storageOf = perBroker((broker) => {
  const opening = chosenStorage();
  broker.localBus.once("$broker.stopped", () => void opening.then((storage) => storage.close()));
  return opening;
});
