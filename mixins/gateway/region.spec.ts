/** Settings are read once, so each case loads the module anew. */
async function load(settings: Readonly<Record<string, string>>) {
  jest.resetModules();
  for (const name of ["REGION", "REGION_HEADER", "TRUST_PROXY"]) delete process.env[name];
  Object.assign(process.env, settings);
  return import("./region.ts");
}

describe("the region of a client", () => {
  const proxied = { TRUST_PROXY: "1", REGION_HEADER: "CF-IPCountry" };

  it("is what the trusted proxy tells, else the deployment's", async () => {
    const { regionOf } = await load({ ...proxied, REGION: "KR" });
    const asked = (told: unknown) => regionOf((name) => (name === "cf-ipcountry" ? told : undefined));
    expect([asked("JP"), asked("XX"), asked("jp"), asked(undefined), asked(["JP"])]).toEqual([
      "JP",
      "KR",
      "KR",
      "KR",
      "KR",
    ]);
  });

  it("is not known where nothing says it, whatever the client sends", async () => {
    const { regionOf } = await load({});
    expect(regionOf(() => "JP")).toBeUndefined();
  });

  it("is not believed without a proxy", async () => {
    await expect(load({ REGION_HEADER: "CF-IPCountry" })).rejects.toThrow("TRUST_PROXY must be set too");
  });
});
