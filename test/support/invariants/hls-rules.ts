/**
 * What players rely on in a film: RFC 8216 by hls-parser, and the rules of Apple's "HLS Authoring Specification" that concern a
 * film of H.264 and AAC. Each broken rule is one sentence.
 */
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import type { types } from "hls-parser";
import { parse } from "hls-parser";

type Media = types.MediaPlaylist;

function mediaIn(folder: string, path: string): Media {
  const playlist = parse(readFileSync(join(folder, path), "utf8"));
  if (playlist.isMasterPlaylist) throw new Error(`${path} is no media playlist.`);
  return playlist;
}

/** @param folder of the film */
export function brokenRules(folder: string, manifest = "main.m3u8"): string[] {
  const master = parse(readFileSync(join(folder, manifest), "utf8"));
  if (!master.isMasterPlaylist) return [`${manifest} is no multivariant playlist.`];
  const { independentSegments } = master;
  const [frames, variants] = [true, false].map((isFrames) =>
    master.variants.filter(({ isIFrameOnly }) => Boolean(isIFrameOnly) === isFrames),
  ) as [types.Variant[], types.Variant[]];
  const broken = variants.flatMap((variant) => [...brokenVariant(variant), ...brokenMedia(folder, variant.uri)]);
  if (!independentSegments) broken.push("Segments must be independent.");
  if (variants.length === 0) broken.push("There must be a variant.");
  const cuts = variants.map(({ uri }) =>
    mediaIn(folder, uri)
      .segments.map(({ duration }) => duration)
      .join(),
  );
  if (new Set(cuts).size > 1) broken.push("Variants must be cut alike.");
  // Each variant has objects of its own for the same ones.
  const named = variants.flatMap(({ audio, subtitles }) =>
    [...audio, ...subtitles].map((one) => [one.uri, one] as const),
  );
  const renditions = [...new Map(named).values()];
  broken.push(...brokenRenditions(renditions));
  for (const uri of new Set(renditions.map((one) => one.uri!))) broken.push(...brokenMedia(folder, uri));
  for (const variant of variants) broken.push(...brokenRates(folder, variant));
  // Trick play: 6.1 of Apple's rules.
  const sizes = (all: readonly types.Variant[]) =>
    all.map(({ resolution }) => `${resolution?.width}x${resolution?.height}`);
  if (sizes(frames).join() !== sizes(variants).join()) broken.push("Each variant needs a playlist of its keyframes.");
  for (const variant of frames) broken.push(...brokenFrames(folder, variant));
  return broken;
}

function brokenVariant({
  uri,
  bandwidth,
  averageBandwidth,
  codecs,
  resolution,
  frameRate,
  audio,
}: types.Variant): string[] {
  const broken: string[] = [];
  if (!averageBandwidth || averageBandwidth > bandwidth)
    broken.push(`${uri}: the average must be told, below the peak.`);
  if (!codecs || !/^avc1\.64[0-9a-f]{4}(?:,mp4a\.40\.2)?$/.test(codecs))
    broken.push(`${uri}: High and AAC, not ${codecs}.`);
  if (Number.parseInt(codecs?.slice(9, 11) ?? "ff", 16) > 0x2a) broken.push(`${uri}: the level must be 4.2 at most.`);
  if (!resolution || resolution.width % 2 || resolution.height % 2)
    broken.push(`${uri}: a resolution, and an even one.`);
  if (!frameRate || frameRate > 60) broken.push(`${uri}: a frame rate of 60 at most.`);
  if (codecs?.includes("mp4a") !== audio.length > 0) broken.push(`${uri}: sound must be in a group.`);
  return broken;
}

function brokenRenditions(renditions: readonly types.Rendition[]): string[] {
  const broken = renditions.flatMap(({ name, language, autoselect }) =>
    language && autoselect ? [] : [`${name} must have a language and be selectable.`],
  );
  for (const [type, all] of Map.groupBy(renditions, (one) => one.type)) {
    if (new Set(all.map(({ name }) => name)).size < all.length) broken.push(`Each ${type} must have its own name.`);
    if (type === "AUDIO" && all.filter(({ isDefault }) => isDefault).length !== 1)
      broken.push("One sound is the default.");
  }
  return broken;
}

function brokenMedia(folder: string, uri: string): string[] {
  const { segments, targetDuration, playlistType, endlist } = mediaIn(folder, uri);
  const broken: string[] = [];
  if (playlistType !== "VOD" || !endlist) broken.push(`${uri}: a film has an end.`);
  const isText = /^(?:subtitles|text)-/.test(uri);
  for (const [index, { duration, uri: name, map }] of segments.entries()) {
    if (Math.round(duration) > targetDuration) broken.push(`${uri}: ${name} is longer than the target.`);
    const isShort = index < segments.length - 1 && duration < targetDuration / 2;
    if (isShort) broken.push(`${uri}: ${name} is too short.`);
    if (!isText && !map?.uri) broken.push(`${uri}: ${name} needs an initialisation segment.`);
    for (const file of isText ? [name] : [name, map.uri])
      if (!(statSync(join(folder, uri, "..", file), { throwIfNoEntry: false })?.size ?? 0))
        broken.push(`${file} is missing.`);
  }
  return broken;
}

/** Keyframes are parts of the segments, each shown until the next, all of them as long as the film. */
function brokenFrames(folder: string, { uri, bandwidth, averageBandwidth, codecs, audio }: types.Variant): string[] {
  const broken: string[] = [];
  const { isIFrame, segments } = mediaIn(folder, uri);
  const { segments: whole } = mediaIn(folder, uri.replace("iframes", "index"));
  if (!isIFrame) broken.push(`${uri}: must have keyframes only.`);
  if (!codecs || codecs.includes(",") || audio.length > 0) broken.push(`${uri}: keyframes have no sound.`);
  const shown = (all: Media["segments"]) => all.map(({ uri: name, duration }) => `${name} ${duration}`).join();
  if (shown(segments) !== shown(whole)) broken.push(`${uri}: there must be a keyframe in each segment.`);
  const rates = segments.map(({ uri: name, duration, byterange, map }) => {
    const { length, offset } = byterange;
    const size = statSync(join(folder, uri, "..", name)).size;
    if (!map.uri || !(length > 0) || offset + length >= size) broken.push(`${uri}: ${name} must be read in part.`);
    return (8 * length) / duration;
  });
  const peak = Math.max(...rates);
  if (bandwidth < peak || bandwidth > peak + 1 || !averageBandwidth || averageBandwidth > bandwidth)
    broken.push(`${uri}: BANDWIDTH is ${bandwidth}, not ${peak}.`);
  return broken;
}

/** No segment of picture and sound together may need more than BANDWIDTH. */
function brokenRates(folder: string, { uri, bandwidth, audio }: types.Variant): string[] {
  const peak = (path: string): number =>
    Math.max(
      ...mediaIn(folder, path).segments.map(
        ({ uri: name, duration }) => (8 * statSync(join(folder, path, "..", name)).size) / duration,
      ),
    );
  const measured = peak(uri) + Math.max(0, ...audio.map((one) => peak(one.uri!)));
  return measured <= bandwidth && bandwidth <= measured * 1.1
    ? []
    : [`${uri}: BANDWIDTH is ${bandwidth}, not ${measured}.`];
}
