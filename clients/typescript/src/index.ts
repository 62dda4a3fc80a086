/** A typed client of Madang's HTTP API, for browsers and for Node 22 or newer. */
export { type Client, type ClientOptions, createClient } from "./client.ts";
export type { Api } from "./api.generated.ts";
export type { ErrorCode } from "./codes.generated.ts";
export { everyItem, type ListPage } from "./pages.ts";
export { isMadangError, MadangError, type Problem, type Violation } from "./problem.ts";
export type { CallOptions, LiveEvent } from "./request.ts";
export type { RetryOptions } from "./retry.ts";
export type * from "./schemas.generated.ts";
export type { Session } from "./session.ts";
export type { UploadOptions } from "./upload.ts";
