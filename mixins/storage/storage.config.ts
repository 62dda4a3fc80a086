/** The settings of the storage of files. */
import { isAbsolute } from "node:path";
import { fileURLToPath } from "node:url";
import { ConfigError, dataPath, defineConfig, optional, secret, setting, text, url } from "#core/config.ts";

/** Of S3: a bucket, and a prefix of all keys in it. */
interface Place {
  readonly folder?: string;
  readonly bucket?: string;
  readonly prefix?: string;
}

const BUCKET = /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:\/([a-z0-9][a-z0-9._/-]*?))?\/?$/;

function placeOf(value: string): Place | undefined {
  const [, bucket, prefix = ""] = BUCKET.exec(value) ?? [];
  if (bucket !== undefined) return { bucket, prefix: prefix === "" ? "" : `${prefix}/` };
  const parsed = value.startsWith("file:///") ? URL.parse(value) : null;
  const folder = parsed && !/%2f/i.test(parsed.pathname) ? fileURLToPath(parsed) : "";
  return isAbsolute(folder) ? { folder } : undefined;
}

export const place = setting("file:/// with a folder, or s3:// with a bucket and a prefix", placeOf);

export const config = defineConfig("storage", {
  STORAGE_URL: optional(
    place("Where films are kept, e.g. file:///srv/films or s3://bucket/prefix; by default a folder in DATA_DIR."),
  ),
  STORAGE_S3_ENDPOINT: optional(url(["http", "https"], "Address of the S3 store, when it is not Amazon's.")),
  STORAGE_S3_REGION: text("Region of the S3 store.", "us-east-1"),
  STORAGE_S3_ACCESS_KEY: optional(text("Access key of the S3 store; without it, the rights of the machine are used.")),
  STORAGE_S3_SECRET_KEY: optional(secret(8)("Secret key of the S3 store.")),
});

/** @throws ConfigError when settings do not fit together */
export function chosenPlace(): Place {
  const { STORAGE_S3_ACCESS_KEY: access, STORAGE_S3_SECRET_KEY: hidden, STORAGE_URL: chosen } = config;
  if ((access === null) !== (hidden === null))
    throw new ConfigError("STORAGE_S3_ACCESS_KEY and STORAGE_S3_SECRET_KEY go together: set both or neither.");
  return chosen ?? { folder: dataPath("storage") };
}
