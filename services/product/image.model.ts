/** The bounds of pictures, and how they are named. */

/** Pixels across, of what is made of an upload; never more than the upload has. */
export const WIDTHS = [320, 800, 1600] as const;
export type Width = (typeof WIDTHS)[number];
export const FORMATS = ["webp", "avif"] as const;
export type Format = (typeof FORMATS)[number];

/** Characters of an upload in Base64: it travels in one message of NATS, which carries 1 MiB. */
export const LONGEST = 960_000;
/** Pixels of an upload. A small file may hold very many, which would fill the memory. */
export const MOST_PIXELS = 24_000_000;
/** Pictures of one product. */
export const MOST_IMAGES = 20;

/** The folder of all pictures, and that of one. */
export const FOLDER = "pictures";
export const folderOf = (hash: string): string => `${FOLDER}/${hash}`;
export const keyOf = (hash: string, format: Format, width: number): string => `${folderOf(hash)}/${width}.${format}`;
