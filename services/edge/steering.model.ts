/**
 * From which edges a player takes a film (HLS content steering, RFC 8216bis section 7). The playlist of all rungs names each
 * rung once for each edge, so that a player knows where to go when an edge fails, also while nobody answers it.
 */

/** An edge, and the address of the film's folder there with a slash at the end; empty for the folder of the playlist. */
export interface Pathway {
  readonly id: string;
  readonly base: string;
}

const URI = /URI="([^"]*)"/;
const GROUPS = /(GROUP-ID|AUDIO|VIDEO|SUBTITLES)="([^"]*)"/g;

/** The tag as it is on this pathway: with groups and files of its own. */
const onPathway = (tag: string, { id, base }: Pathway): string =>
  tag
    .replaceAll(GROUPS, (_, name: string, group: string) => `${name}="${group}-${id}"`)
    .replace(URI, (_, uri: string) => `URI="${base}${uri}"`);

/** @param pathways best first, with at least one */
export function withPathways(playlist: string, pathways: readonly Pathway[]): string {
  const steering = `#EXT-X-CONTENT-STEERING:SERVER-URI="steering",PATHWAY-ID="${pathways[0]!.id}"`;
  const lines = playlist.split(/\r?\n/);
  const made = lines.flatMap((line, index): string[] => {
    if (line === "#EXTM3U") return [line, steering];
    if (line.startsWith("#EXT-X-MEDIA:")) return pathways.map((pathway) => onPathway(line, pathway));
    if (line.startsWith("#EXT-X-I-FRAME-STREAM-INF:"))
      return pathways.map((pathway) => `${onPathway(line, pathway)},PATHWAY-ID="${pathway.id}"`);
    if (line.startsWith("#EXT-X-STREAM-INF:"))
      return pathways.flatMap((pathway) => [
        `${onPathway(line, pathway)},PATHWAY-ID="${pathway.id}"`,
        `${pathway.base}${lines[index + 1]}`,
      ]);
    // The address of a rung stands with its tag above.
    return lines[index - 1]?.startsWith("#EXT-X-STREAM-INF:") ? [] : [line];
  });
  return made.join("\n");
}

/** @param order the edges, best first; @param self the one that answers, which is the last resort where it was not chosen */
export const steeringManifest = (ttl: number, order: readonly string[], self: string): object => ({
  VERSION: 1,
  TTL: ttl,
  "PATHWAY-PRIORITY": order.includes(self) ? order : [...order, self],
});
