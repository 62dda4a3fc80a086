/** The clients that openapi-generator makes of docs/openapi.json compile, and each places an order. */
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { root } from "../support/fixtures/source.ts";
import { Client } from "../support/actors/client.ts";
import { AllServices } from "../support/systems/all-services.ts";
import { run } from "./program.ts";

const VERSION = "7.14.0";
const jar = join(
  homedir(),
  `.m2/repository/org/openapitools/openapi-generator-cli/${VERSION}/openapi-generator-cli-${VERSION}.jar`,
);
const document = join(root, "docs/openapi.json");
const account = { email: "reader@example.com", password: "a-long-passphrase-of-mine", name: "Reader" };

let folder: string;
let allServices: AllServices;

async function generate(language: string, properties: string): Promise<string> {
  const output = join(folder, language);
  await run(
    folder,
    "java",
    "-jar",
    jar,
    "generate",
    "-g",
    language,
    "-i",
    document,
    "-o",
    output,
    `--additional-properties=${properties}`,
  );
  return output;
}

const example = (name: string): string => join(root, "test/clients", name);

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "madang-clients-"));
  if (!existsSync(jar))
    await run(
      folder,
      "mvn",
      "-q",
      "dependency:get",
      `-Dartifact=org.openapitools:openapi-generator-cli:${VERSION}`,
      "-Dtransitive=false",
    );
  allServices = await AllServices.open();
  await allServices.product();
  expect((await new Client(allServices.url).post("/users", account)).status).toBe(201);
});
afterAll(async () => {
  await allServices.close();
  rmSync(folder, { recursive: true, force: true });
});

const signIn = (): string[] => [allServices.url, account.email, account.password];

it("Python", async () => {
  const client = await generate("python", "packageName=openapi_client");
  await run(folder, "python3", "-m", "venv", "venv");
  const python = join(folder, "venv/bin/python");
  await run(folder, python, "-m", "pip", "install", "--quiet", client);
  expect(await run(folder, python, example("order.py"), ...signIn())).toBe("confirmed");
});

it("Go", async () => {
  const client = await generate("go", "enumClassPrefix=true,packageName=madang,isGoSubmodule=true");
  await run(client, "go", "mod", "edit", "-module", "example.com/madang");
  const place = join(client, "cmd/order");
  mkdirSync(place, { recursive: true });
  cpSync(example("order.go"), join(place, "main.go"));
  rmSync(join(client, "test"), { recursive: true, force: true });
  await run(client, "go", "mod", "tidy");
  expect(await run(client, "go", "run", "./cmd/order", ...signIn())).toBe("confirmed");
});

it("Java", async () => {
  const client = await generate("java", "library=native,hideGenerationTimestamp=true");
  cpSync(example("PlaceOrder.java"), join(client, "src/main/java/PlaceOrder.java"));
  const goals = ["compile", "dependency:build-classpath", "-Dmdep.outputFile=classpath", "-Dmdep.includeScope=runtime"];
  await run(client, "mvn", "-q", "-DskipTests", ...goals);
  const classes = `target/classes:${await run(client, "cat", "classpath")}`;
  expect(await run(client, "java", "-cp", classes, "PlaceOrder", ...signIn())).toBe("confirmed");
});
