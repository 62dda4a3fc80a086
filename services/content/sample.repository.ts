/** The sample film: what it is called, who made it, and that everybody may watch it. */
import type { Input } from "#core/contract.ts";
import * as videos from "./content.repository.ts";
import type { Tx } from "./content.tables.ts";
import * as details from "./detail.repository.ts";
import { begin } from "./encoding.transition.ts";
import { SAMPLE } from "./encoding/plan.model.ts";
import { newId } from "#core/id.ts";
import * as people from "./people.repository.ts";

const KEY = "sample";

const film = {
  kind: "film",
  titles: {
    en: {
      title: "The Yard at Noon",
      synopsis: "Forty seconds of moving colours: a film made by ffmpeg on this machine, to try the player with.",
    },
    ko: {
      title: "한낮의 마당",
      synopsis: "플레이어를 시험해 볼 수 있도록 이 컴퓨터의 ffmpeg가 만든 40초짜리 영상입니다.",
    },
  },
  rating: 0,
  genres: ["experimental"],
  rights: [{}],
  offers: { buy: { amount: 4900, currency: "KRW" }, rent: { amount: 1900, currency: "KRW" }, rentHours: 48 },
} satisfies Input<"content.create">;

/** Answers false when it is there already. */
export async function seedSample(tx: Tx): Promise<boolean> {
  const id = await videos.insert(tx, film, KEY);
  if (id === null) return false;
  await people.setGenre(tx, { code: "experimental", name: "Experimental", nameKo: "실험 영화" });
  const { id: personId } = await people.add(tx, { name: "FFmpeg", nameKo: "에프에프엠펙" });
  await details.set(tx, id, { ...film, credits: [{ personId, role: "director" }] });
  await begin(tx, { id, sourceId: newId(), publish: true }, SAMPLE);
  return true;
}
