/** Lines that a command writes outside the broker's log, in the form that the log has. */

/** Read as it is: the settings may be what is wrong. */
const isJson = (): boolean => process.env["LOG_FORMAT"] === "json";

/** One line for an operator; an object of JSON where the log is that, since its reader parses every line. */
export function say(msg: string, level: "info" | "warn" | "fatal" = "info"): void {
  const write = level === "info" ? console.log : console.error;
  write(isJson() ? JSON.stringify({ ts: Date.now(), level, msg, mod: "start" }) : msg);
}
