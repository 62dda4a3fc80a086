/** Routes of the committed OpenAPI document whose services this gateway has not met yet: they are unavailable. */
import { readFileSync } from "node:fs";
import { Router } from "./router.ts";

interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

/** A container image may lack the file. */
function read(): Document {
  try {
    return JSON.parse(readFileSync(new URL("../../docs/openapi.json", import.meta.url), "utf8")) as Document;
  } catch {
    return { paths: {} };
  }
}

let router: Router<true> | undefined;

function build(): Router<true> {
  const routes = new Router<true>();
  for (const [path, operations] of Object.entries(read().paths)) {
    for (const method of Object.keys(operations))
      routes.add(method.toUpperCase(), path.replaceAll(/\{(\w+)\}/g, ":$1"), true);
  }
  return routes;
}

/** True for a route of the document. The file is read when the first unknown route is requested. */
export const isInReference = (method: string, path: string): boolean =>
  (router ??= build()).match(method, path)?.route === true;
