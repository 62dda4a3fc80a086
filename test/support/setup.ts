/** Runs before each spec file: a data folder of its own, and answers checked against their contracts. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const folder = mkdtempSync(join(tmpdir(), "madang-spec-"));
process.env.DATA_DIR = folder;
process.env.CHECK_ANSWERS = "on";

afterAll(() => rmSync(folder, { recursive: true, force: true }));
