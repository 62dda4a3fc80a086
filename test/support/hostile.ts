/** What has broken other systems, by where it goes in a request. */
const numbers = [null, true, 0, -1, 1.5, 1e308, 2 ** 53, -(2 ** 63), 1e-7];
const strings = ["", " ", "\0", "\ud800", "ﷺ".repeat(2000), "a".repeat(20_000), "%", "_", "\\", "NaN", "1e400", "１"];
const injections = ["' OR 1=1 --", "../../etc/passwd", "{{7*7}}", "<script>", "4242424242424242"];
const times = [
  "9999-12-31T23:59:60Z",
  "2030-02-30T00:00:00Z",
  "2030-01-01T00:00:00+23:59",
  "0000-01-01T00:00:00Z",
  "+275760-09-13T00:00:00Z",
];
const ids = ["00000000-0000-0000-0000-000000000000", "FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF"];
const structures: readonly unknown[] = [
  [],
  {},
  [null],
  [[]],
  { constructor: { prototype: {} } },
  { toString: 1, hasOwnProperty: 1 },
  { length: -1 },
  { $gt: "" },
];

/** In JSON. */
export const values: readonly unknown[] = [numbers, strings, injections, times, ids, structures].flat();

/** In paths and queries. */
export const texts: readonly string[] = values.map((one) => (typeof one === "string" ? one : JSON.stringify(one)));

/** Percent-encoding that is broken, or means another path. */
export const escapes: readonly string[] = ["%zz", "%", "%ff", "%C0%80", "%00", "%2e%2e%2f", "a%2Fb"];

const positions: readonly unknown[] = [
  [1e308],
  [-1],
  [1.5],
  ["x"],
  [""],
  [null],
  [[]],
  [{}],
  [],
  [1, 2],
  ["newest", 1, "x"],
  ["newest", "", ""],
  ["price", "x", "y"],
  ["price", 1e308, "y"],
  ["name", 0, "y"],
  ["-price", -1, "\0"],
  ["__proto__", 1, "x"],
];
const encoded = positions.map((position) => Buffer.from(JSON.stringify(position)).toString("base64url"));
export const cursors: readonly string[] = [encoded, "W10", "~", "e30", "A".repeat(501), "bnVsbA", "%00"].flat();

const byHeader: Readonly<Record<string, readonly string[]>> = {
  "idempotency-key": ["", " ", "a b", "k".repeat(256), "\x80\xff", "a, b"],
  "if-match": ["x", '"', '"1.x", "2.y"', 'W/"1.x"', '"999999999999999.x"', `"${"9".repeat(19)}.x"`, '"-1.x"', "*"],
  "if-none-match": ["x", "*", '"', ",,,", '"a"'.repeat(500)],
  authorization: [
    "Bearer",
    "Bearer ",
    "Basic eDp5",
    "Bearer a.b.c",
    `Bearer ${"A".repeat(2000)}`,
    "Bearer eyJhbGciOiJub25lIn0.e30.",
  ],
  "accept-language": ["", "*", "ko;q=x", "en;q=1e999", ",".repeat(1000), "\xff"],
  "last-event-id": ["-1", "1e9", "999999999999999", "9".repeat(30), "x"],
  "content-type": ["text/plain", "application/xml", "application/json; charset=utf-16", "multipart/form-data", ""],
  "content-encoding": ["gzip", "br", "identity, gzip"],
  traceparent: ["00-x-y-z"],
  "x-request-id": ["a b\xff"],
  "x-service-token": ["a.b.c"],
  "x-http-method-override": ["DELETE"],
  "x-forwarded-for": ["127.0.0.1, \xff", "[::1", "1.2.3.4:99999999999", "::%%"],
  expect: ["100-continue", "200-ok"],
  upgrade: ["websocket", "h2c"],
  range: ["bytes=0-", "bytes=9-1", "x=1"],
};
export const headers: readonly Readonly<Record<string, string>>[] = Object.entries(byHeader).flatMap(([name, some]) =>
  some.map((value) => ({ [name]: value })),
);

export const bodies: readonly string[] = [
  "{",
  "",
  "null",
  "[]",
  '"x"',
  "1",
  "{]",
  "\0",
  '{"a":1,"a":2}',
  "NaN",
  "\ufeff{}",
  "{'a':1}",
  '{"__proto__":{"roles":["admin"]}}',
  '{"\\u005f_proto__":1}',
  '{"constructor":{"prototype":{"x":1}}}',
  '{"toString":null}',
  "[".repeat(100_000) + "]".repeat(100_000),
  '{"a":'.repeat(20_000) + "1" + "}".repeat(20_000),
  `{"a":"${"x".repeat(300_000)}"}`,
];
