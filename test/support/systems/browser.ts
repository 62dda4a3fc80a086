/** Chromium for specs: Debian's, without a window. */
import { existsSync } from "node:fs";
import { delimiter, isAbsolute, join } from "node:path";
import { type Browser, chromium, type Page } from "playwright-core";
import { findBinary } from "../../../scripts/cluster/binaries.ts";

/** Videos may begin by themselves, and nothing of it needs a display. */
const flags = ["--no-sandbox", "--autoplay-policy=no-user-gesture-required", "--mute-audio"];

/** Playwright wants a path, not the name of a program. */
const pathOf = (program: string): string =>
  isAbsolute(program)
    ? program
    : process.env
        .PATH!.split(delimiter)
        .map((folder) => join(folder, program))
        .find((file) => existsSync(file))!;

export const openBrowser = (): Promise<Browser> =>
  chromium.launch({ executablePath: pathOf(findBinary("chromium")), args: flags });

/** What a page found wrong with itself; a spec that looks at a page expects none. */
export function complaintsOf(page: Page): string[] {
  const complaints: string[] = [];
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("console", (message) => {
    if (message.type() === "error") complaints.push(message.text());
  });
  return complaints;
}
