/** The types of the content service's tables. */
import type { Money } from "#core/schema.ts";
import type { Executor, Transaction } from "#mixins/database/database.ts";
import { statements } from "#mixins/database/statement.ts";
import type { Kind, State } from "./description.contract.ts";

export interface ContentTables {
  videos: {
    id: string;
    /** The key of seeded footage, so that it is added once. */
    key: string | null;
    kind: Kind;
    /** The series of a season, the season of an episode. */
    parent_id: string | null;
    number: number | null;
    /** JSON by language. */
    titles: string;
    /** Folded text of all titles. */
    search_text: string;
    /** The sort key of the title. */
    title_key: string;
    rating: number;
    year: number | null;
    state: State;
    /** Why its last encoding failed. */
    failure: string | null;
    /** The encoding whose files are played; null before there is one. */
    release: string | null;
    duration_ms: number | null;
    /** JSON of `{ height, bandwidth }`, lowest first. */
    rungs: string;
    /** JSON. */
    chapters: string;
    currency: Money["currency"] | null;
    buy_amount: number | null;
    rent_amount: number | null;
    rent_hours: number | null;
    /** The name of the picture that staff have chosen, and of a frame of the film. */
    poster_id: string | null;
    frame_id: string | null;
    created_at: string;
    published_at: string | null;
    version: number;
  };
  /** Where and when a video may be watched. */
  rights: {
    video_id: string;
    position: number;
    /** JSON lists; null for all. */
    regions: string | null;
    plans: string | null;
    /** Milliseconds since the epoch; null for no border. The end itself is outside. */
    starts_at: number | null;
    ends_at: number | null;
  };
  /** Those that were added to a film; those of its video are tracks of its encoding. */
  subtitles: {
    id: string;
    video_id: string;
    /** RFC 5646. */
    language: string;
    name: string | null;
    /** WebVTT. */
    text: string;
    created_at: string;
  };
  people: { id: string; name: string; name_ko: string | null; search_text: string };
  genres: { code: string; name: string; name_ko: string; search_text: string };
  credits: { video_id: string; position: number; person_id: string; role: Role; character: string | null };
  video_genres: { video_id: string; genre: string };
  /** One attempt to make a film playable. Its id is the name of the folder with its files. */
  encodings: {
    id: string;
    video_id: string;
    source_id: string;
    state: EncodingState;
    /** 1 when the film is published as soon as it is ready. */
    publishes: number;
    /** JSON of `Plan`, once the source has been checked. */
    plan: string | null;
    /** A stable word, and what the program said. */
    failure: string | null;
    detail: string | null;
    /** Increased by every change that is shown live. */
    revision: number;
    created_at: string;
    ended_at: string | null;
    /** 1 when its files were removed. */
    swept: number;
  };
  /** A piece of work of an encoding: the check, a chunk with all its rungs, a track of sound or text, and the end. */
  chunks: {
    id: string;
    encoding_id: string;
    track: string;
    position: number;
    /** The lowest first. */
    rank: number;
    /** Of the film. */
    seconds: number;
    /** When it may begin or its lease ends, in milliseconds since the epoch by the database's clock; null when it is done. */
    next_at: number | null;
    /** Increased by every claim. An earlier attempt changes nothing. */
    attempt: number;
    failures: number;
    /** The node that works on it. */
    owner: string | null;
    error: string | null;
    /** JSON of `ChunkResult`. */
    result: string | null;
  };
}
export type EncodingState = "checking" | "encoding" | "done" | "failed" | "cancelled";
export type Role = "director" | "writer" | "actor" | "composer" | "producer";

export type Db = Executor<ContentTables>;
export type Tx = Transaction<ContentTables>;
export const sql = statements<ContentTables>();
