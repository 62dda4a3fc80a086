/** Videos as customers and staff see them. */
import type { Output } from "#core/contract.ts";
import type { Money } from "#core/schema.ts";
import type { Row } from "./content.repository.ts";
import type { Db } from "./content.tables.ts";
import * as details from "./detail.repository.ts";
import type { Chapter, Titles, VideoDetails } from "./description.contract.ts";

export interface Rung {
  readonly height: number;
  readonly bandwidth: number;
}
export const rungsIn = ({ rungs }: Pick<Row, "rungs">): Rung[] => JSON.parse(rungs) as Rung[];
export const chaptersIn = ({ chapters }: Pick<Row, "chapters">): Chapter[] => JSON.parse(chapters) as Chapter[];
export const titlesIn = ({ titles }: Pick<Row, "titles">): Titles => JSON.parse(titles) as Titles;

type Summary = Output<"content.list">["items"][number];
type Full = Output<"content.get">;

function titlesOut(row: Row): Summary["titles"] {
  const { en, ko } = titlesIn(row);
  return {
    ...(en && { en: { title: en.title, synopsis: en.synopsis ?? "" } }),
    ...(ko && { ko: { title: ko.title, synopsis: ko.synopsis ?? "" } }),
  };
}

const summaryOf = (row: Row, genres: string[]): Summary => ({
  id: row.id,
  kind: row.kind,
  parentId: row.parent_id,
  number: row.number,
  titles: titlesOut(row),
  rating: row.rating,
  year: row.year,
  durationMs: row.duration_ms,
  genres,
  publishedAt: row.published_at,
  posterId: row.poster_id ?? row.frame_id,
});

const idsOf = (rows: readonly Row[]): string[] => rows.map(({ id }) => id);

/** Makes summaries of the rows that were read together. */
export async function summaries(db: Db, rows: readonly Row[]): Promise<(row: Row) => Summary> {
  const genres = Map.groupBy(await details.genresOf(db, idsOf(rows)), (one) => one.video_id);
  return (row) =>
    summaryOf(
      row,
      (genres.get(row.id) ?? []).map(({ genre }) => genre),
    );
}

const money = (amount: number | null, currency: Money["currency"] | null): Money | null =>
  amount === null || currency === null ? null : { amount, currency };

export const offersOf = (row: Row): Full["offers"] => ({
  buy: money(row.buy_amount, row.currency),
  rent: money(row.rent_amount, row.currency),
  rentHours: row.rent_hours,
});

/** Makes what staff see of the rows that were read together. */
export async function described(db: Db, rows: readonly Row[]): Promise<(row: Row) => VideoDetails> {
  const ids = idsOf(rows);
  const summary = await summaries(db, rows);
  const credits = Map.groupBy(await details.creditsOf(db, ids), (one) => one.video_id);
  const rights = Map.groupBy(await details.rightsOf(db, ids), (one) => one.video_id);
  return (row) => ({
    ...summary(row),
    credits: (credits.get(row.id) ?? []).map((one) => ({
      personId: one.person_id,
      role: one.role,
      name: one.name,
      nameKo: one.name_ko,
      character: one.character,
    })),
    chapters: chaptersIn(row),
    heights: rungsIn(row).map(({ height }) => height),
    offers: offersOf(row),
    version: row.version,
    state: row.state,
    failure: row.failure,
    rights: (rights.get(row.id) ?? []).map((one) => details.toWindow(details.toRight(one))),
  });
}

export const detailsOf = async (db: Db, row: Row): Promise<VideoDetails> => (await described(db, [row]))(row);

/** Without what only staff see. */
export async function published(db: Db, row: Row): Promise<Full> {
  const { state: _, failure: _failure, rights: _rights, ...shown } = await detailsOf(db, row);
  return shown;
}
