import { ProbeError } from "../net/probe-error.ts";

/** The head of an HTTP/1 answer. */
export interface RawHead {
  readonly status: number;
  /** For example `HTTP/1.1`. */
  readonly protocol: string;
  /** By name in lower case; several of one name are joined by a comma. */
  readonly headers: Readonly<Record<string, string>>;
  /** Each `set-cookie` by itself, its bytes in Latin-1: it is sent back as it came. */
  readonly setCookies: readonly string[];
  /** Every `content-length`, as it was sent. */
  readonly lengths: readonly string[];
  readonly isChunked: boolean;
  readonly hasTransferEncoding: boolean;
}

type OnIrregularity = (text: string) => void;

/** A second one changes nothing: browsers and curl take the first. */
const SINGLE: ReadonlySet<string> = new Set(["content-type", "location"]);

const TOKEN = /^[!#$%&'*+\-.^_`|~\dA-Za-z]+$/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
const CONTROL = /[\x00-\x08\x0b-\x1f\x7f]/;

/** Reads status line and headers; what is irregular is said and read all the same. */
export function parseHead(data: Buffer, onIrregularity: OnIrregularity): RawHead {
  const lines = data
    .toString("latin1")
    .replace(/^[\r\n]+/, "")
    .split("\n");
  if (lines.slice(0, -1).some((line) => !line.endsWith("\r"))) onIrregularity("lines that end with LF only");
  const [statusLine = "", ...headerLines] = lines.map((line) => line.replace(/\r$/, ""));
  const { version, status } =
    /^HTTP\/(?<version>\d(\.\d)?)\s+(?<status>\d{3})(?!\d)/i.exec(statusLine)?.groups ?? {};
  if (version === undefined || status === undefined) {
    throw new ProbeError(
      "header",
      `the answer is not HTTP: its first line is ${JSON.stringify(statusLine.slice(0, 40))}`,
    );
  }
  if (!/^HTTP\/\d\.\d \d{3}( |$)/.test(statusLine)) {
    onIrregularity(`the status line ${JSON.stringify(statusLine.slice(0, 40))}`);
  }
  const fields = fieldsOf(headerLines, onIrregularity);
  const valuesOf = (name: string) => fields.filter((field) => field.name === name).map(({ value }) => value);
  const codings = valuesOf("transfer-encoding")
    .join(",")
    .toLowerCase()
    .split(",")
    .map((coding) => coding.trim())
    .filter((coding) => coding !== "" && coding !== "identity");
  return {
    status: Number(status),
    protocol: `HTTP/${version}`,
    headers: joined(fields, onIrregularity),
    setCookies: valuesOf("set-cookie"),
    lengths: valuesOf("content-length").flatMap((value) => value.split(",").map((one) => one.trim())),
    isChunked: codings.at(-1) === "chunked",
    hasTransferEncoding: codings.length > 0,
  };
}

interface Field {
  readonly name: string;
  /** Its bytes, in Latin-1. */
  readonly value: string;
}

function fieldsOf(lines: readonly string[], onIrregularity: OnIrregularity): Field[] {
  const fields: Field[] = [];
  for (const line of lines) {
    if (line === "") continue;
    const before = fields.at(-1);
    if (/^[ \t]/.test(line) && before) {
      onIrregularity(`the folded header ${before.name}`);
      fields[fields.length - 1] = { ...before, value: `${before.value} ${trimmed(line)}` };
      continue;
    }
    const field = fieldOf(line, onIrregularity);
    if (field) fields.push(field);
  }
  return fields;
}

function fieldOf(line: string, onIrregularity: OnIrregularity): Field | undefined {
  const colon = line.indexOf(":");
  const written = line.slice(0, colon);
  const name = written.trim().toLowerCase();
  if (colon < 0 || !TOKEN.test(name)) {
    onIrregularity(`the line ${JSON.stringify(line.slice(0, 40))} is no header`);
    return undefined;
  }
  if (written !== written.trimEnd()) onIrregularity(`a space before the colon of the header ${name}`);
  const value = trimmed(line.slice(colon + 1));
  if (CONTROL.test(value)) onIrregularity(`a control character in the header ${name}`);
  return { name, value };
}

function joined(fields: readonly Field[], onIrregularity: OnIrregularity): Record<string, string> {
  const headers: Record<string, string> = Object.create(null);
  for (const { name, value } of fields) {
    const before = headers[name];
    if (before === undefined) headers[name] = headerText(value);
    else if (SINGLE.has(name)) onIrregularity(`the header ${name} more than once`);
    else headers[name] = `${before}, ${headerText(value)}`;
  }
  return { ...headers };
}

/** Without the spaces and tabs around it. (`trim` would take the last byte of an `à` in UTF-8 for a space.) */
export function trimmed(text: string): string {
  let [from, to] = [0, text.length];
  while (from < to && isBlank(text[from])) from += 1;
  while (to > from && isBlank(text[to - 1])) to -= 1;
  return text.slice(from, to);
}

function isBlank(character: string | undefined): boolean {
  return character === " " || character === "\t" || character === "\r";
}

const UTF8 = new TextDecoder("utf-8", { fatal: true });

/**
 * A header's bytes, given in Latin-1, as text: ASCII by the book; in the world UTF-8 (`location: /über`) or Latin-1, and
 * one beside the other.
 */
export function headerText(bytes: string): string {
  try {
    return UTF8.decode(Buffer.from(bytes, "latin1"));
  } catch {
    return bytes;
  }
}
