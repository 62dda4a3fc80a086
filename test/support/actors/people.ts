/** People of specs by their names: tokens are good for ids that look like ours. */
import { hash } from "node:crypto";
import { signAccessToken } from "#mixins/node/tokens.ts";

/** The same UUID for the same name (RFC 9562, section 5.8). */
export function idOf(name: string): string {
  const hex = hash("sha256", name, "hex");
  return [hex.slice(0, 8), hex.slice(8, 12), `8${hex.slice(13, 16)}`, `8${hex.slice(17, 20)}`, hex.slice(20, 32)].join(
    "-",
  );
}

/** An access token for somebody who has no account: the spec has the platform's keys. */
export const tokenOf = (name: string, ...roles: string[]): Promise<string> =>
  signAccessToken({ id: idOf(name), roles, session: idOf(`a session of ${name}`) });

/** The same, signed an hour ago: it expired three quarters of an hour ago. */
export async function expiredTokenOf(name: string, ...roles: string[]): Promise<string> {
  const time = Date.now();
  const clock = jest.spyOn(Date, "now").mockReturnValue(time - 3_600_000);
  try {
    return await tokenOf(name, ...roles);
  } finally {
    clock.mockRestore();
  }
}
