/**
 * Sessions with their devices, how they are ended from elsewhere, and what is told of a sign-in from somewhere new.
 * @databases sqlite postgres
 */
import { newId } from "#core/id.ts";
import { errorOf, PASSWORD, userService } from "../../test/support/systems/user-service.ts";
import { deviceOf, roughly } from "./agent.model.ts";

const { call, callAsService, customer, database, storedValues } = userService();

const WINDOWS =
  "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36";
const PHONE =
  "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Mobile/15E148 Safari/604.1";
const HOME = "192.0.2.17";

const signIn = (email: string, network: string, agent: string, device?: string) =>
  call("user.signIn", { email, password: PASSWORD, ...(device && { device }) }, undefined, { network, agent });
/** E-mails that tell somebody of a sign-in. */
async function notices(userId: string) {
  const rows = await database()
    .query.selectFrom("mails")
    .selectAll()
    .where("user_id", "=", userId)
    .orderBy("id")
    .execute();
  return rows.filter(({ kind }) => kind === "notice");
}
async function newcomer() {
  const email = `${newId()}@example.test`;
  const { id } = await call("user.signUp", { email, password: PASSWORD, name: "Ann" });
  return { id, email };
}

describe("user.listSessions", () => {
  it("answers where a person is signed in, from what and roughly from where, and which session asks", async () => {
    const { email } = await newcomer();
    const { accessToken } = await signIn(email, HOME, WINDOWS);
    await signIn(email, "2001:db8:17:1", PHONE, "Ann's phone");
    const { deviceCode, userCode } = await call("user.authorizeDevice", { name: "Living room" });
    await call("user.approveDevice", { userCode, approved: true }, accessToken);
    await call("user.signInDevice", { deviceCode }, undefined, { network: HOME, agent: "tv/1.0" });
    const { items } = await call("user.listSessions", {}, accessToken);
    expect(items.map(({ device, network, isCurrent }) => [device, network, isCurrent])).toEqual([
      ["Chrome, Windows", "192.0.2.0/24", true],
      ["Ann's phone", "2001:db8:17::/48", false],
      ["Living room", "192.0.2.0/24", false],
    ]);
    expect(await storedValues()).not.toContain(HOME);
  });
});

describe("a session", () => {
  it("is ended from another, with its access tokens; somebody else's is not there", async () => {
    const { email } = await newcomer();
    const [here, there] = [await signIn(email, HOME, WINDOWS), await signIn(email, HOME, PHONE)];
    const id = there.refreshToken.split(".")[0]!;
    const stranger = await customer();
    await expect(call("user.removeSession", { id }, stranger.token)).rejects.toMatchObject({
      type: "NOT_FOUND",
      code: 404,
    });
    await call("user.removeSession", { id }, here.accessToken);
    await expect(call("user.getProfile", {}, there.accessToken)).rejects.toEqual(errorOf("SESSION_ENDED"));
    await expect(call("user.refresh", { refreshToken: there.refreshToken })).rejects.toEqual(
      errorOf("USER_REFRESH_TOKEN_INVALID"),
    );
    await expect(call("user.removeSession", { id }, here.accessToken)).rejects.toEqual(errorOf("NOT_FOUND"));
    await expect(call("user.getProfile", {}, here.accessToken)).resolves.toBeDefined();
  });

  it("ends all others, and devices that have not signed in yet", async () => {
    const { email } = await newcomer();
    const [here, there] = [await signIn(email, HOME, WINDOWS), await signIn(email, HOME, PHONE)];
    const { deviceCode, userCode } = await call("user.authorizeDevice", { name: "Living room" });
    await call("user.approveDevice", { userCode, approved: true }, here.accessToken);
    await call("user.removeOtherSessions", {}, here.accessToken);
    await expect(call("user.getProfile", {}, there.accessToken)).rejects.toEqual(errorOf("SESSION_ENDED"));
    await expect(call("user.signInDevice", { deviceCode })).rejects.toEqual(errorOf("USER_DEVICE_CODE_INVALID"));
    expect((await call("user.listSessions", {}, here.accessToken)).items).toMatchObject([{ isCurrent: true }]);
  });
});

describe("a sign-in", () => {
  it("is told when device or network are new, but for the first, and once for each", async () => {
    const { id, email } = await newcomer();
    await signIn(email, HOME, WINDOWS);
    await signIn(email, HOME, WINDOWS);
    expect(await notices(id)).toEqual([]);
    await signIn(email, "198.51.100.9", WINDOWS);
    await signIn(email, HOME, PHONE);
    await signIn(email, "198.51.100.9", PHONE);
    const told = await notices(id);
    const { items } = await callAsService("user.lookupMails", { ids: told.map((one) => one.id) });
    expect(
      items
        .toSorted((a, b) => (a.id < b.id ? -1 : 1))
        .map(({ email: to, device, network, link }) => [to, device, network, link]),
    ).toEqual([
      [null, "Chrome, Windows", "198.51.100.0/24", null],
      [null, "Safari, iPhone", "192.0.2.0/24", null],
    ]);
  });

  it("with a wrong password makes no network known", async () => {
    const { id, email } = await newcomer();
    await signIn(email, HOME, WINDOWS);
    const elsewhere = { network: "203.0.113.5", agent: WINDOWS };
    await expect(call("user.signIn", { email, password: "wrong horse" }, undefined, elsewhere)).rejects.toBeDefined();
    await signIn(email, "203.0.113.5", WINDOWS);
    expect(await notices(id)).toHaveLength(1);
  });
});

it.each([
  [WINDOWS, "Chrome, Windows"],
  [`${WINDOWS} Edg/130.0.0.0`, "Edge, Windows"],
  [PHONE, "Safari, iPhone"],
  ["Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0", "Firefox, Linux"],
  ["curl/8.5.0", "curl"],
  ["<script>", null],
  [undefined, null],
])("a device that says %j is %j", (agent, name) => {
  expect(deviceOf(agent)).toBe(name);
});

it("a network is told roughly", () => {
  expect([roughly("203.0.113.77"), roughly("2001:db8:1:2"), roughly(undefined), roughly("")]).toEqual([
    "203.0.113.0/24",
    "2001:db8:1::/48",
    null,
    null,
  ]);
});
