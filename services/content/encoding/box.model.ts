/** What has to be known of files of ISO base media (ISO/IEC 14496-12): the codec, and where the first frame is. */
import type { Part } from "./playlist.model.ts";

/** The codec of H.264 as players want it told (RFC 6381), from the `avcC` box of an initialisation segment. */
export function codecIn(init: Uint8Array): string {
  const box = Buffer.from(init);
  const at = box.indexOf("avcC");
  if (at < 0) throw new Error("The initialisation segment tells no codec.");
  return `avc1.${box.subarray(at + 5, at + 8).toString("hex")}`;
}

interface Box {
  readonly type: string;
  /** Of its first byte, and behind its last. */
  readonly from: number;
  readonly until: number;
}

/** Bytes of a box's length and type. */
const HEADER = 8;

/** The boxes one after another within these bytes. Boxes of 4 GB and more are in no segment. */
function boxesIn(bytes: DataView, from: number, until: number): Box[] {
  const boxes: Box[] = [];
  for (let at = from; at + HEADER <= until;) {
    const size = bytes.getUint32(at);
    if (size < HEADER || at + size > until) break;
    const type = String.fromCharCode(...Array.from({ length: 4 }, (_, index) => bytes.getUint8(at + 4 + index)));
    boxes.push({ type, from: at, until: at + size });
    at += size;
  }
  return boxes;
}

/** Bits of the flags of `tfhd` and `trun` (sections 8.8.7 and 8.8.8). */
const TFHD = { base: 0x1, description: 0x2, duration: 0x8, size: 0x10 } as const;
const TRUN = { offset: 0x1, flags: 0x4, duration: 0x100, size: 0x200 } as const;

/**
 * The first frame of a segment with the box that describes it, which a decoder needs and which comes right before it. Segments are
 * independent, so it is a keyframe.
 * @returns null where the segment is built otherwise
 */
export function firstFrame(segment: Uint8Array): Part | null {
  const bytes = new DataView(segment.buffer, segment.byteOffset, segment.byteLength);
  const moof = boxesIn(bytes, 0, bytes.byteLength).find(({ type }) => type === "moof");
  if (!moof) return null;
  const traf = inside(bytes, moof, "traf");
  const [header, run] = [traf && inside(bytes, traf, "tfhd"), traf && inside(bytes, traf, "trun")];
  if (!header || !run) return null;
  const flags = bytes.getUint32(run.from + HEADER) & 0xff_ff_ff;
  if (!(flags & TRUN.offset) || bytes.getUint32(header.from + HEADER) & TFHD.base) return null;
  const size = flags & TRUN.size ? bytes.getUint32(firstSizeAt(run, flags)) : defaultSize(bytes, header);
  const until = moof.from + bytes.getInt32(run.from + HEADER + 8) + (size ?? 0);
  if (!size || until > bytes.byteLength || until <= moof.until) return null;
  return { from: moof.from, bytes: until - moof.from };
}

const inside = (bytes: DataView, box: Box, wanted: string): Box | undefined =>
  boxesIn(bytes, box.from + HEADER, box.until).find(({ type }) => type === wanted);

/** After version and flags, the count and the offset come the flags of the first sample, and the samples themselves. */
const firstSizeAt = ({ from }: Box, flags: number): number =>
  from + HEADER + 12 + (flags & TRUN.flags ? 4 : 0) + (flags & TRUN.duration ? 4 : 0);

function defaultSize(bytes: DataView, { from }: Box): number | null {
  const flags = bytes.getUint32(from + HEADER);
  if (!(flags & TFHD.size)) return null;
  return bytes.getUint32(from + HEADER + 8 + (flags & TFHD.description ? 4 : 0) + (flags & TFHD.duration ? 4 : 0));
}
