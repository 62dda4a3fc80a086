/** Services are asked by gateways of several protocols, so nothing of HTTP stands below a gateway. */
import { readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { contracts, filesOf, root, serviceNames, sourcesIn } from "../support/fixtures/source.ts";

/** Lines of code that set or read how HTTP answers, or that name a path of the API. */
const OF_HTTP = /\$location|\$statusCode|\/api\/v\d|\bstatus(?:Code)?\b\W{1,6}[345]\d\d\b/;
const COMMENT = /^\s*(?:\/?\*|\/\/)/;

/** What speaks HTTP itself. */
const others: Readonly<Record<string, string>> = {
  "services/content/upload.mixin.ts": "takes films by tus, which is a protocol over HTTP",
  "services/webhook/webhook.model.ts": "sends webhooks over HTTP, and reads how they are answered",
  "services/notification/providers/twilio.provider.ts": "sends text messages over HTTP",
  "services/notification/providers/web-push.provider.ts": "sends to push services over HTTP",
  "services/notification/receipt.mixin.ts": "where a provider of text messages, which is not of this platform, calls",
  "services/notification/notification.config.ts": "where a mail service, which is not of this platform, calls",
  "services/notification/preference.mixin.ts": "where mail programs, which are not of this platform, call",
  "services/user/admin.process.ts": "tells an operator where the password is changed",
  "services/payment/payment.config.ts": "where a payment provider, which is not of this platform, calls",
};

const below = [
  ...sourcesIn("mixins"),
  ...serviceNames.filter((name) => !contracts.get(name)?.gateway).flatMap((name) => filesOf(name)),
].map((path) => [relative(root, path), path] as const);

describe("below a gateway", () => {
  it("nothing of HTTP stands in code", () => {
    const found = below.flatMap(([name, path]) =>
      readFileSync(path, "utf8")
        .split("\n")
        .flatMap((line, index) =>
          OF_HTTP.test(line) && !COMMENT.test(line) && !(name in others) ? [`${name}:${index + 1} ${line.trim()}`] : [],
        ),
    );
    expect(found).toEqual([]);
  });

  it("the exceptions are needed", () => {
    const isNeeded = (name: string) => OF_HTTP.test(readFileSync(join(root, name), "utf8"));
    expect(Object.keys(others).filter((name) => !isNeeded(name))).toEqual([]);
  });
});
