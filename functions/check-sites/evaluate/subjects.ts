import type { Reason } from "../probe/net/reasons.ts";
import { PHASES, type ProbeResult } from "../probe/net/result.ts";
import type { AnyTarget } from "../probe/probe.ts";
import { type JsonPath, readJsonPath, valueAt } from "./json-path.ts";
import { Expected } from "./literals.ts";

export type Kind = AnyTarget["kind"];

/** What a subject's values are like: it decides which operators go with it. */
export type ValueType = "number" | "duration" | "text" | "address" | "json";

/** What was found, or why there is nothing: then the condition fails, whatever it asks. */
export type Found = { readonly value: unknown } | { readonly missing: string };

/** One thing a condition can be about. */
export interface Subject {
  readonly name: string;
  readonly type: ValueType;
  /** The reason of a site whose condition on this fails. */
  readonly reason: Reason;
  readonly kinds: readonly Kind[];
  /** `now` is ms since the epoch. */
  readonly find: (facts: ProbeResult, now: number) => Found;
}

/** Subjects that need one more word: `header content-type`, `json $.status`. */
interface SubjectWithArgument {
  readonly name: string;
  /** Reads the argument from the beginning of `text` and gives what stands behind it. */
  readonly read: (text: string) => { subject: Subject; rest: string };
}

const DAY = 86_400_000;
const ANY: readonly Kind[] = ["http", "tcp", "dns"];

const PLAIN: readonly Subject[] = [
  {
    name: "status",
    type: "number",
    reason: "status",
    kinds: ["http"],
    find: ({ status }) => received(status),
  },
  { name: "time", type: "duration", reason: "timeout", kinds: ANY, find: ({ time }) => ({ value: time }) },
  ...PHASES.map(
    (phase): Subject => ({
      name: `phase.${phase}`,
      type: "duration",
      reason: "timeout",
      kinds: ANY,
      find: ({ phases }) => ({ value: phases[phase] }),
    }),
  ),
  { name: "body", type: "text", reason: "body", kinds: ["http"], find: ({ body }) => received(body) },
  {
    name: "certificate.days",
    type: "number",
    reason: "certificate",
    kinds: ["http", "tcp"],
    find: ({ certificate }, now) => received(certificate && Math.floor((certificate.validTo - now) / DAY)),
  },
  { name: "ip", type: "address", reason: "dns", kinds: ANY, find: ({ address }) => received(address) },
  {
    name: "answer",
    type: "text",
    reason: "dns",
    kinds: ["dns"],
    find: ({ answers }) => received(answers?.join("\n")),
  },
];

const WITH_ARGUMENT: readonly SubjectWithArgument[] = [
  {
    name: "header",
    read: (text) => {
      const { header, rest } = /^(?<header>[\w-]+)\s+(?<rest>.*)$/s.exec(text)?.groups ?? {};
      if (header === undefined || rest === undefined) throw new Expected("header <name> <operator> <value>");
      const find = ({ headers }: ProbeResult) => received(headers?.[header.toLowerCase()]);
      return {
        subject: { name: `header ${header}`, type: "text", reason: "header", kinds: ["http"], find },
        rest,
      };
    },
  },
  {
    name: "json",
    read: (text) => {
      const { path, rest } = readJsonPath(text);
      const name = `json ${text.slice(0, text.length - rest.length).trim()}`;
      return { subject: { name, type: "json", reason: "json", kinds: ["http"], find: findJson(path) }, rest };
    },
  },
];

/** All names, for messages and for the README's test. */
export const SUBJECT_NAMES = [...PLAIN.map(({ name }) => name), "header <name>", "json <path>"];

/** Reads the subject at the beginning of a condition. */
export function readSubject(text: string): { subject: Subject; rest: string } {
  const { name = "", rest = "" } = /^(?<name>\S+)\s*(?<rest>.*)$/s.exec(text)?.groups ?? {};
  const plain = PLAIN.find((subject) => subject.name === name);
  if (plain) return { subject: plain, rest };
  const other = WITH_ARGUMENT.find((subject) => subject.name === name);
  if (other) return other.read(rest);
  throw new Expected(`one of ${SUBJECT_NAMES.join(", ")} first`);
}

function received(value: unknown): Found {
  return value === undefined ? { missing: "not received" } : { value };
}

/** A body is parsed once for all conditions on it. */
const documents = new WeakMap<ProbeResult, Found>();

function findJson(path: JsonPath): (facts: ProbeResult) => Found {
  return (facts) => {
    const document = documents.get(facts) ?? parseBody(facts);
    documents.set(facts, document);
    if ("missing" in document) return document;
    const value = valueAt(document.value, path);
    return value === undefined ? { missing: "not in the body" } : { value };
  };
}

function parseBody({ body }: ProbeResult): Found {
  if (body === undefined) return { missing: "not received" };
  try {
    return { value: JSON.parse(body) };
  } catch {
    return { missing: "the body is not JSON" };
  }
}
