/** Jest wants the end of a run in a file of its own. */
export { stop as default } from "./postgres.mjs";
