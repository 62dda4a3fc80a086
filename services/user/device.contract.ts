/** Sign-in on a television by a code (RFC 8628): the television shows a code, which a person approves on another device. */
import Type from "typebox";
import { action } from "#core/contract.ts";
import { Code, Nothing, Strict, Text, Timestamp } from "#core/schema.ts";
import { Tokens } from "./token.contract.ts";

const Seconds = Type.Integer({ description: "Seconds" });
/** As people type it: in upper or lower case, with or without the hyphen. */
const UserCode = Code("^[A-Za-z]{4}-?[A-Za-z]{4}$", 9);

const DeviceAuthorization = Type.Object(
  {
    deviceCode: Type.String({ description: "Known to the device alone" }),
    userCode: Type.String({ description: "Shown to people; no letters that are mistaken for others, and no vowels" }),
    verificationUri: Type.Union([Type.String(), Type.Null()], {
      description: "The page on which a person types the code; null when the deployment names none",
    }),
    verificationUriComplete: Type.Union([Type.String(), Type.Null()], {
      description: "The same page with the code, for a QR code",
    }),
    expiresIn: Seconds,
    interval: Type.Integer({ description: "Seconds to wait between two questions for tokens" }),
  },
  { title: "DeviceAuthorization" },
);

const PendingDevice = Type.Object(
  { name: Type.String({ description: "What the device calls itself" }), createdAt: Timestamp, expiresAt: Timestamp },
  { title: "PendingDevice" },
);

export const deviceActions = {
  authorizeDevice: action({
    summary: "Begin the sign-in of a device that has no keyboard: it shows the code to its person",
    rest: "POST /device-authorizations",
    keyless: "Codes are never stored.",
    status: 201,
    auth: "public",
    limit: 10,
    input: Strict({ name: Text(60) }),
    output: DeviceAuthorization,
  }),
  getDevice: action({
    summary: "The device that shows this code, before its sign-in is approved",
    rest: "GET /device-authorizations/:userCode",
    auth: "customer",
    limit: 20,
    input: Strict({ userCode: UserCode }),
    output: PendingDevice,
    errors: ["NOT_FOUND", "RATE_LIMITED"],
  }),
  approveDevice: action({
    summary: "Sign in the device that shows this code as me, or refuse it",
    rest: "POST /device-authorizations/:userCode/approve",
    keyless: "Approved twice, it is approved once.",
    status: 204,
    auth: "customer",
    limit: 20,
    input: Strict({ userCode: UserCode, approved: Type.Boolean() }),
    output: Nothing,
    errors: ["NOT_FOUND", "RATE_LIMITED"],
  }),
  signInDevice: action({
    summary: "Ask for the tokens of a device, until its person has approved it",
    rest: "POST /sessions/device",
    keyless: "Tokens are never stored.",
    status: 201,
    auth: "public",
    limit: 60,
    input: Strict({ deviceCode: Text(100) }),
    output: Tokens,
    errors: ["AUTHORIZATION_PENDING", "SLOW_DOWN", "DEVICE_REFUSED", "DEVICE_CODE_INVALID"],
  }),
};
