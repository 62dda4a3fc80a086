/** The user service by itself, people who have an account there, and another service that asks about them. */
import type { ServiceBroker, ServiceSchema } from "moleculer";
import { newId } from "#core/id.ts";
import { type Meta, withKey, workContext } from "#core/context.ts";
import type { ActionName, Input, Output } from "#core/contract.ts";
import type { Role } from "#core/schema.ts";
import type { Database } from "#mixins/database/database.ts";
import type { UserTables } from "../../../services/user/user.repository.ts";
import service from "../../../services/user/user.service.ts";
import { startBroker } from "./broker.ts";
import { localService } from "./local-service.ts";

export const PASSWORD = "correct horse battery";

/** An error of this type, with whatever else it carries. */
export const errorOf = (type: string) => expect.objectContaining({ type });

/**
 * Starts the service before the tests of this file and stops it after them; answers the ways to ask it.
 * @param others services that run beside it
 */
export function userService(...others: readonly ServiceSchema[]) {
  let broker: ServiceBroker;
  let accounts = 0;
  beforeAll(async () => {
    broker = await startBroker([service, { name: "peer", version: 1 }, ...others]);
  });
  afterAll(() => broker.stop());

  /** As a person, or as nobody without a token. */
  const call = <N extends ActionName>(name: N, params: Input<N>, accessToken?: string, meta: Meta = {}) =>
    broker.call<Output<N>, Input<N>>(
      name,
      params,
      withKey(newId(), { meta: accessToken === undefined ? meta : { ...meta, accessToken } }),
    );
  /** As another service, which may ask what people may not. */
  const callAsService = <N extends ActionName>(name: N, params: Input<N>): Promise<Output<N>> =>
    workContext(localService(broker, "peer")).call(name, params);
  const signIn = (email: string, password = PASSWORD) => call("user.signIn", { email, password });
  const newEmail = () => `person${(accounts += 1)}@example.test`;

  const signedIn = async (id: string, email: string) => {
    const { accessToken: token, refreshToken } = await signIn(email);
    return { id, email, token, refreshToken };
  };

  return {
    call,
    /** An action that no contract has. */
    ask: <Answer>(name: string, accessToken: string): Promise<Answer> =>
      broker.call(name, {}, { meta: { accessToken } }),
    callAsService,
    signIn,
    newEmail,
    /** A person who has signed up and signed in. */
    async customer() {
      const email = newEmail();
      const { id } = await call("user.signUp", { email, password: PASSWORD, name: "Ann" });
      return signedIn(id, email);
    },
    /** A person with these roles, signed in. */
    async personWith(...roles: Role[]) {
      const account = { email: newEmail(), password: PASSWORD, name: "Ann", language: "en" as const, roles };
      const { id } = await callAsService("user.seed", account);
      return signedIn(id, account.email);
    },
    database: () => localService<{ db: Database<UserTables> }>(broker, "user").db,
    /** Every value in every row of the service's database. */
    async storedValues(): Promise<string> {
      const { query } = localService<{ db: Database<UserTables> }>(broker, "user").db;
      const tables = await query.introspection.getTables();
      const rows = tables.map(({ name }) =>
        query
          .selectFrom(name as keyof UserTables)
          .selectAll()
          .execute(),
      );
      return JSON.stringify(await Promise.all(rows));
    },
  };
}
