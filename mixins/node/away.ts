/** What is answered to who sends while the server of a transporter is away; gateways answer 503. */
import { Errors } from "moleculer";

export const away = (): Error => new Errors.BrokerDisconnectedError("The transporter is away.");
