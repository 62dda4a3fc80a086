/** The tokens of a session, which every way to sign in answers. */
import Type from "typebox";

export const Tokens = Type.Object(
  {
    accessToken: Type.String({
      description: "Sent as `Authorization: Bearer`; valid for 15 minutes, and no longer than its session",
    }),
    refreshToken: Type.String({
      description:
        "Good for one refresh; asked again within ten seconds it answers the same new one, later it ends its sign-in",
    }),
    tokenType: Type.Literal("Bearer"),
    expiresIn: Type.Integer({ description: "Seconds" }),
  },
  { title: "Tokens" },
);
