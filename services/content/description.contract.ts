/** What a film, a series, a season and an episode are described by. */
import Type, { type Static } from "typebox";
import { Code, Country, Id, Money, Paragraphs, Strict, Text, Timestamp } from "#core/schema.ts";

export const maybe = <T extends Type.TSchema>(schema: T) => Type.Union([schema, Type.Null()]);

export const Kind = Type.Enum(["film", "series", "season", "episode"], { title: "VideoKind" });
export type Kind = Static<typeof Kind>;
export const State = Type.Enum(["draft", "processing", "ready", "published", "failed", "removed"], {
  title: "VideoState",
});
export type State = Static<typeof State>;

export const Version = Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER });
const Place = Type.Integer({ minimum: 0, maximum: 10_000, description: "Of the season or episode within its parent" });
export const Rating = Type.Integer({
  minimum: 0,
  maximum: 21,
  description: "The youngest age for which it is suitable",
});
const Year = Type.Integer({ minimum: 1870, maximum: 2200 });
export const GenreCode = Code("^[a-z]+(?:-[a-z]+)*$", 40);
export const Plan = Code("^[a-z0-9]+(?:[-_][a-z0-9]+)*$", 40);
const Role = Type.Enum(["director", "writer", "actor", "composer", "producer"], { title: "CreditRole" });

const words = { title: Text(200), synopsis: Type.Optional(Paragraphs(4000, 0)) };
/** What it is called, in at least one language. */
const Titles = Strict(
  { en: Type.Optional(Strict(words)), ko: Type.Optional(Strict(words)) },
  { minProperties: 1, description: "By language: the title, and what it is about" },
);
export type Titles = Static<typeof Titles>;

const Window = Strict(
  {
    regions: Type.Optional(Type.Array(Country, { minItems: 1, maxItems: 100, description: "Without it: everywhere" })),
    plans: Type.Optional(Type.Array(Plan, { minItems: 1, maxItems: 10, description: "Without it: all plans" })),
    from: Type.Optional(Timestamp),
    until: Type.Optional(Timestamp),
  },
  { title: "RightsWindow", description: "From its beginning on, and before its end" },
);
export type Window = Static<typeof Window>;
const Rights = Type.Array(Window, {
  maxItems: 20,
  description:
    "Where, when and with which plans it may be watched. A season and an episode without any have those above",
});

const Offers = Strict(
  {
    buy: Type.Optional(Money),
    rent: Type.Optional(Money),
    rentHours: Type.Optional(Type.Integer({ minimum: 1, maximum: 24 * 90 })),
  },
  { title: "Offers" },
);
export type Offers = Static<typeof Offers>;

const Credit = Strict({ personId: Id, role: Role, character: Type.Optional(Text(60)) });
const milliseconds = { minimum: 0, maximum: 24 * 60 * 60 * 1000 };
export const Chapter = Strict(
  {
    from: Type.Integer({ ...milliseconds, description: "Milliseconds from the beginning" }),
    until: Type.Integer({ ...milliseconds, description: "Milliseconds from the beginning" }),
    title: Text(100),
    kind: Type.Enum(["chapter", "intro", "recap", "credits"], {
      description: "Players offer to skip all but chapters",
    }),
  },
  { title: "Chapter" },
);
export type Chapter = Static<typeof Chapter>;

const details = {
  titles: Titles,
  rating: Rating,
  year: Type.Optional(Year),
  genres: Type.Optional(Type.Array(GenreCode, { maxItems: 20, uniqueItems: true })),
  credits: Type.Optional(Type.Array(Credit, { maxItems: 60 })),
  chapters: Type.Optional(Type.Array(Chapter, { maxItems: 60 })),
  rights: Type.Optional(Rights),
  offers: Type.Optional(Offers),
};

export const NewVideo = Strict({
  kind: Kind,
  parentId: Type.Optional(Id),
  number: Type.Optional(Place),
  ...details,
});
export const VideoChange = Strict({
  id: Id,
  version: Type.Optional(Version),
  number: Type.Optional(Place),
  ...details,
  titles: Type.Optional(Titles),
  rating: Type.Optional(Rating),
});

const Person = Type.Object({
  personId: Id,
  role: Role,
  name: Type.String(),
  nameKo: maybe(Type.String()),
  character: maybe(Type.String()),
});
const TitlesOut = Type.Object(
  {
    en: Type.Optional(Type.Object({ title: Type.String(), synopsis: Type.String() })),
    ko: Type.Optional(Type.Object({ title: Type.String(), synopsis: Type.String() })),
  },
  { title: "VideoTitles" },
);
const summary = {
  id: Id,
  kind: Kind,
  parentId: maybe(Id),
  number: maybe(Place),
  titles: TitlesOut,
  rating: Rating,
  year: maybe(Year),
  durationMs: maybe(Type.Integer()),
  genres: Type.Array(Type.String()),
  publishedAt: maybe(Timestamp),
  posterId: maybe(Id),
};
export const VideoSummary = Type.Object(summary, { title: "VideoSummary" });
const OffersOut = Type.Object(
  { buy: maybe(Money), rent: maybe(Money), rentHours: maybe(Type.Integer()) },
  { title: "VideoOffers" },
);
const described = {
  ...summary,
  credits: Type.Array(Person),
  chapters: Type.Array(Chapter),
  heights: Type.Array(Type.Integer(), { description: "Of the picture, in lines, lowest first" }),
  offers: OffersOut,
  version: Version,
};
export const Video = Type.Object(described, { title: "Video" });
export const VideoDetails = Type.Object(
  { ...described, state: State, failure: maybe(Type.String()), rights: Rights },
  { title: "VideoDetails", description: "With what only staff see" },
);
export type VideoDetails = Static<typeof VideoDetails>;
