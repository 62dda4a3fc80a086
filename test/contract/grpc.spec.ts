/** Every method of the gRPC gateway by everybody: what its contract promises over HTTP holds here too. */
import { newId } from "#core/id.ts";
import { protoOf } from "../../services/grpc/proto.model.ts";
import numbers from "../../services/grpc/proto.lock.json" with { type: "json" };
import { type Failure, GrpcClient, failureOf } from "../support/actors/grpc-client.ts";
import { expiredTokenOf } from "../support/actors/people.ts";
import { password, routeCases, type RouteRequest } from "../support/fixtures/route-cases.ts";
import { contracts } from "../support/fixtures/source.ts";
import { AllServices, type Person, type Role } from "../support/systems/all-services.ts";

let allServices: AllServices;
let client: GrpcClient;
let tokens: Readonly<Record<Role, string>>;
let expired: string;
beforeAll(async () => {
  allServices = await AllServices.open({ GRPC_PORT: "0" });
  client = new GrpcClient(allServices.grpcAddress);
  const token = async (role: Role) => (await allServices.person(role)).token;
  tokens = { customer: await token("customer"), staff: await token("staff"), admin: await token("admin") };
  expired = await expiredTokenOf("ann", "admin");
});
afterAll(async () => {
  client.close();
  await allServices.close();
});

const methods = protoOf([...contracts.values()], numbers).files.flatMap((file) =>
  file.methods.map(({ name, action, definition }) => ({
    id: `${file.contract.name}.${action}`,
    path: `/${file.package}.${file.service}/${name}`,
    definition,
  })),
);
type Method = (typeof methods)[number];

/** Somebody with an account. */
async function account(role: Role): Promise<Person & { readonly email: string }> {
  const email = `${newId()}@example.test`;
  const person = { email, password, name: "Somebody", language: "en" as const, roles: [role] };
  const { id } = await allServices.asService().call("user.seed", person);
  return Object.assign(await allServices.person(role, id), { email });
}

const metadata = () => ({ "idempotency-key": newId() });

/** Null for a success. A live stream has succeeded when something came, and would go on for ever. */
async function ask({ path, definition }: Method, request: object, token?: string): Promise<Failure | null> {
  const sent = { token, metadata: metadata() };
  if (!definition.live)
    return client.call(path, request, sent).then(
      () => null,
      (error) => failureOf(error),
    );
  const stream = client.follow<object>(path, request, sent);
  const begun = stream.begun.then(() => null);
  const outcome = await Promise.race([begun, stream.ended]);
  stream.leave();
  return outcome;
}

const reasonOf = (failure: Failure | null) => (failure ? `${failure.code} ${failure.reason}` : "OK");
const inputOf = ({ path = {}, body = {} }: RouteRequest): object => ({ ...path, ...(body as object) });

const ranks: readonly Role[] = ["customer", "staff", "admin"];

describe("the methods", () => {
  it("are those of the .proto files", () => {
    expect(client.methods.toSorted()).toEqual(methods.map(({ path }) => path).toSorted());
  });

  const closed = methods.filter(({ definition }) => definition.auth !== "public");

  it.each(closed)("$id is refused to nobody and to tokens that are none", async (method) => {
    expect(reasonOf(await ask(method, {}))).toBe("UNAUTHENTICATED UNAUTHENTICATED");
    expect(reasonOf(await ask(method, {}, expired))).toBe("UNAUTHENTICATED TOKEN_EXPIRED");
    expect(reasonOf(await ask(method, {}, "x.y.z"))).toBe("UNAUTHENTICATED TOKEN_INVALID");
  });

  const high = methods.filter(({ definition }) => ["staff", "admin"].includes(definition.auth));

  it.each(high)("$id is refused to people of a lower role", async (method) => {
    for (const role of ranks.slice(0, ranks.indexOf(method.definition.auth as Role)))
      expect([role, reasonOf(await ask(method, {}, tokens[role]))]).toEqual([role, "PERMISSION_DENIED FORBIDDEN"]);
  });

  it.each(methods.filter(({ id }) => routeCases[id]))(
    "$id does what it is for, and shows a stranger nothing",
    async (method) => {
      const { id, definition } = method;
      const { request = async (): Promise<RouteRequest> => ({}), owned } = routeCases[id]!;
      const { auth } = definition;
      const role = auth === "staff" || auth === "admin" ? auth : "customer";
      const owner = await account(role);
      const input = inputOf(await request(owner, allServices));
      if (owned) {
        const stranger = await allServices.person("customer");
        expect(reasonOf(await ask(method, input, stranger.token))).toBe("NOT_FOUND NOT_FOUND");
      }
      expect(reasonOf(await ask(method, input, owner.token))).toBe("OK");
    },
  );

  it("of services alone are not there", () => {
    const internal = [...contracts.values()].flatMap(({ actions }) =>
      Object.values(actions).filter(({ auth, raw }) => auth === "service" || raw),
    );
    expect(internal.length).toBeGreaterThan(5);
    expect(methods.filter(({ definition }) => internal.includes(definition))).toEqual([]);
  });
});
