/** Playback sessions: each is a film on a device of a person, who has as many places as their plan allows. */
import Type, { type Static } from "typebox";
import { action } from "#core/contract.ts";
import { ById, Code, Id, Nothing, Page, paging, Raw, Strict, Text, Timestamp } from "#core/schema.ts";

const orNull = <T extends Type.TSchema>(schema: T) => Type.Union([schema, Type.Null()]);

/** Milliseconds from the beginning of a film. */
export const Position = Type.Integer({ minimum: 0, maximum: 24 * 60 * 60 * 1000 });
/** A number that grows with every report of a session. */
export const Sequence = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER });

const described = {
  id: Id,
  videoId: Id,
  profileId: Id,
  title: Type.String(),
  device: Type.String(),
  startedAt: Timestamp,
  /** Until when the place is held if nothing is heard. */
  leaseUntil: Timestamp,
};

const Session = Type.Object(described, { title: "PlaybackSession" });
export type Session = Static<typeof Session>;

const Chapter = Type.Object(
  { from: Type.Integer(), until: Type.Integer(), title: Type.String(), kind: Type.String() },
  { title: "PlaybackChapter" },
);

const Started = Type.Object(
  {
    ...described,
    manifestUrl: Type.String({ description: "The playlist; relative to the API's address when an edge is there" }),
    thumbnailsUrl: Type.String({ description: "A WebVTT track of pictures for the time line" }),
    telemetryToken: Type.String({ description: "For `POST /playback/telemetry/{token}`" }),
    expiresAt: Timestamp,
    durationMs: Type.Integer(),
    resumeMs: Type.Integer({ description: "Where to go on" }),
    chapters: Type.Array(Chapter),
    next: orNull(Id),
    heartbeatMs: Type.Integer({ description: "Milliseconds from one heartbeat to the next" }),
  },
  { title: "StartedPlayback" },
);
export type Started = Static<typeof Started>;

export const sessionActions = {
  createSession: action({
    summary: "Start a film or an episode on a device",
    rest: "POST /playback/sessions",
    status: 201,
    shownBy: "getSession",
    auth: "customer",
    timeout: 5000,
    input: Strict({
      profileId: Id,
      videoId: Id,
      deviceId: Type.Optional(Id),
      device: Type.Optional(Text(100)),
      pin: Type.Optional(Code("^[0-9]{4,8}$", 8)),
      fromStart: Type.Optional(Type.Boolean()),
      replaces: Type.Optional(Id),
    }),
    output: Started,
    errors: ["LIMIT_REACHED", "NOT_SUITABLE", "NOT_FOUND"],
  }),
  getSession: action({
    summary: "One of my playback sessions",
    rest: "GET /playback/sessions/:id",
    auth: "customer",
    input: ById,
    output: Session,
    errors: ["NOT_FOUND"],
  }),
  listSessions: action({
    summary: "What plays on my devices, newest first",
    rest: "GET /playback/sessions",
    export: "playbackSessions",
    auth: "customer",
    input: Strict(paging),
    output: Page(Session),
  }),
  refreshSession: action({
    summary: "A heartbeat: the session goes on, and this is how far it is",
    rest: "POST /playback/sessions/:id/heartbeats",
    keyless: "A repeated heartbeat changes nothing more.",
    auth: "customer",
    input: Strict({ id: Id, positionMs: Type.Optional(Position), sequence: Sequence }),
    output: Type.Object({ leaseUntil: Timestamp, heartbeatMs: Type.Integer() }),
    errors: ["NOT_FOUND"],
  }),
  removeSession: action({
    summary: "Stop a playback, on this device or on another of mine",
    rest: "DELETE /playback/sessions/:id",
    status: 204,
    auth: "customer",
    input: Strict({ id: Id, positionMs: Type.Optional(Position), sequence: Type.Optional(Sequence) }),
    output: Nothing,
    errors: ["NOT_FOUND"],
  }),
  receiveTelemetry: action({
    summary: "Events of a player in CMCD version 2 (CTA-5004-A), which count as heartbeats",
    rest: "POST /playback/telemetry/:token",
    keyless: "Each event has a number, and takes effect once.",
    auth: "public",
    raw: true,
    input: Strict({
      token: Code("^[A-Za-z0-9._~-]+$", 100),
      headers: Type.Record(Type.String({ maxLength: 200 }), Type.String({ maxLength: 8192 }), { maxProperties: 200 }),
      body: Raw(65_536, 0),
    }),
    output: Nothing,
    errors: ["SESSION_OVER", "UNSUPPORTED_MEDIA_TYPE", "VALIDATION_FAILED"],
    status: 204,
  }),
};
