/** Writes a .proto file as a person would, with what the contract says beside it. */
import { errorCode } from "#core/contract.ts";
import { keyRuleOf } from "#mixins/gateway/key.ts";
import {
  HAPPENED,
  levelOf,
  type ProtoField,
  type ProtoFile,
  type ProtoMessage,
  type ProtoMethod,
} from "./proto.model.ts";

const COLUMNS = 120;

/** Sentences as comments, in lines that fit. */
function comment(text: string, indent = ""): string {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const last = lines.at(-1);
    if (last !== undefined && `${last} ${word}`.length <= COLUMNS) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(`${indent}// ${word}`);
  }
  return lines.map((line) => `${line}\n`).join("");
}

const TYPED =
  "The same as `data`, with its type. It is not set for an event that this file does not name, nor for data that an older release stored in another form.";

const sentence = (text: string): string => (/[.!?]$/.test(text) ? text : `${text}.`);

const keys = {
  required: ["The metadata idempotency-key is required."],
  optional: ["The metadata idempotency-key is optional."],
  none: [],
} as const;

function methodText(
  { contract, methods, package: own }: ProtoFile,
  { name, definition, request, response }: ProtoMethod,
): string {
  const { summary, auth, errors = [], live, deprecated } = definition;
  const reasons = errors.map((code) => errorCode(contract.name, code));
  const about = [
    sentence(summary),
    `For: ${auth}.`,
    ...keys[keyRuleOf(definition)],
    ...(reasons.length > 0 ? [`May fail with: ${reasons.join(", ")}.`] : []),
  ];
  const names = new Set(methods.map((method) => method.name));
  // Within a service, the name of a method hides a message of the same name.
  const short = (full: string) => {
    const last = full.replace(`${own}.`, "");
    return names.has(last) ? full : last;
  };
  const level = levelOf(definition);
  const options = [...(level ? [`idempotency_level = ${level}`] : []), ...(deprecated ? ["deprecated = true"] : [])];
  const body = options.length > 0 ? ` {\n${options.map((one) => `    option ${one};\n`).join("")}  }\n` : ";\n";
  return `${comment(about.join(" "), "  ")}  rpc ${name}(${short(request)}) returns (${live ? "stream " : ""}${short(response)})${body}`;
}

function fieldText(
  { package: own }: ProtoFile,
  { name, number, type, label, about }: ProtoField,
  indent: string,
): string {
  const short = type.replace(`${own}.`, "");
  const word = label === "map" ? `map<string, ${short}>` : label === "" ? short : `${label} ${short}`;
  return `${about ? comment(sentence(about), indent) : ""}${indent}${word} ${name} = ${number};\n`;
}

function messageText(file: ProtoFile, { name, fields, reserved }: ProtoMessage): string {
  if (fields.length === 0 && reserved.length === 0) return `message ${name} {}\n`;
  const gone =
    reserved.length === 0
      ? ""
      : `  reserved ${reserved.map(([, number]) => number).join(", ")};\n  reserved ${reserved.map(([one]) => `"${one}"`).join(", ")};\n`;
  const parts = fields.map((field, index) => {
    const { oneof } = field;
    if (!oneof) return fieldText(file, field, "  ");
    const ofOne = fields.filter((one) => one.oneof === oneof);
    if (ofOne[0] !== fields[index]) return "";
    const about = oneof === HAPPENED ? comment(TYPED, "  ") : "";
    return `${about}  oneof ${oneof} {\n${ofOne.map((one) => fieldText(file, one, "    ")).join("")}  }\n`;
  });
  return `message ${name} {\n${gone}${parts.join("")}}\n`;
}

export function protoText(file: ProtoFile): string {
  const { contract, imports, messages, methods, service } = file;
  return `// Written by "npm run generate" from the contract of the service ${contract.name}: change that.
syntax = "proto3";

package ${file.package};

${imports.map((path) => `import "${path}";\n\n`).join("")}${comment(sentence(contract.summary))}service ${service} {
${methods.map((method) => methodText(file, method)).join("\n")}}

${messages.map((message) => messageText(file, message)).join("\n")}`;
}
