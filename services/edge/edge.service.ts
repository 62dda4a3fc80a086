/** An edge: serves the files of films to players, who have their token in the path. */
import type { Service } from "moleculer";
import { workContext } from "#core/context.ts";
import { kinds } from "#core/errors.ts";
import { addName, implement } from "#core/implement.ts";
import { Mount } from "#mixins/http/mount.ts";
import { deriveKey, redacted } from "#mixins/delivery/path-token.ts";
import { serviceKey } from "#mixins/node/keys.ts";
import { storageOf } from "#mixins/storage/open.ts";
import { announcement, type Announcement } from "./announcement.mixin.ts";
import { config } from "./edge.config.ts";
import { edge } from "./edge.contract.ts";
import { Delivery, type Steering } from "./edge.delivery.ts";
import { originOf } from "./origin.provider.ts";
import { sessionChecks, type SessionChecks } from "./session-check.mixin.ts";
import { steeringManifest } from "./steering.model.ts";

interface Host extends Service {
  readonly announcement: Announcement;
  readonly checks: SessionChecks;
  readonly mount?: Mount;
}

/** Milliseconds that a player waits for what the playback service says of edges. */
const PATIENCE = 1500;

function steeringOf(host: Host): Steering {
  const { id: self } = host.announcement;
  const ask = (session: string) =>
    workContext(host).call("playback.getSteering", { id: session, region: config.EDGE_REGION }, { timeout: PATIENCE });
  return {
    async manifest(session) {
      const { ttl, edges } = await ask(session);
      return steeringManifest(
        ttl,
        edges.map(({ id }) => id),
        self,
      );
    },
    async pathways(session, path) {
      const { edges } = await ask(session).catch(() => ({ edges: [] }));
      const others = edges.filter(({ id }) => id !== self).map(({ id, url }) => ({ id, base: `${url}${path}` }));
      const own = { id: self, base: "" };
      // The one that the player came to is taken first, unless it was not chosen at all.
      return edges.length === 0 || edges.some(({ id }) => id === self) ? [own, ...others] : [...others, own];
    },
  };
}

async function open(host: Host): Promise<void> {
  const { EDGE_PORT: port, EDGE_HOST: address, EDGE_URL: url } = config;
  // Where it answers at the gateway and nobody says where else, it is the only one.
  const isAlone = port === null && url === null;
  const files = originOf(await storageOf(host.broker));
  const keys = [deriveKey(serviceKey())];
  const delivery = new Delivery({ files, keys, checks: host.checks, steering: isAlone ? undefined : steeringOf(host) });
  const mount = new Mount(host, {
    prefix: "/t/",
    contract: edge,
    port,
    host: address,
    settings: { port: "EDGE_PORT", host: "EDGE_HOST" },
    shown: redacted,
    async serve(visit) {
      visit.res.once("close", () => host.announcement.count(visit.res.statusCode >= kinds.internal.code));
      await delivery.serve(visit);
    },
  });
  addName(host, "mount", mount);
  // A node that stops sends players elsewhere before it closes.
  addName(host, "drain", async () => {
    await host.announcement.leave();
    await mount.close();
  });
  await mount.open();
  if (!isAlone) host.announcement.begin(url ?? mount.url!);
}

export default implement(edge, {
  mixins: [sessionChecks(), announcement()],
  actions: {},
  async started() {
    await open(this as unknown as Host);
  },
  async stopped() {
    await (this as unknown as Host).mount?.close();
  },
});
