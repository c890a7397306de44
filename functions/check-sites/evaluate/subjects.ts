import type { Reason } from "../probe/net/reasons.ts";
import { PHASES, type ProbeResult } from "../probe/net/result.ts";
import type { AnyTarget } from "../probe/probe.ts";
import { type JsonPath, readJsonPath, valueAt } from "./json-path.ts";
import { Expected } from "./literals.ts";

export type Kind = AnyTarget["kind"];

/** What a subject's values are like: it decides which operators go with it. */
export type ValueType = "number" | "duration" | "text" | "address" | "json";

/** What was found, or what became of it instead (`was not received`): then the condition fails, whatever it asks. */
export type Found = { readonly value: unknown } | { readonly missing: string };

/** One thing a condition can be about. */
export interface Subject {
  /** As it is written in the config. */
  readonly name: string;
  /** As a person reads it: `response time`. */
  readonly label: string;
  /** What was found, as the beginning of a sentence: `status is 500`. `shown` is the value as a text. */
  readonly says: (value: unknown, shown: string) => string;
  readonly type: ValueType;
  /** The reason of a site whose condition on this fails. */
  readonly reason: Reason;
  readonly kinds: readonly Kind[];
  /** `now` is ms since the epoch. */
  readonly find: (result: ProbeResult, now: number) => Found;
}

type SubjectParts = Omit<Subject, "label" | "says"> & Partial<Pick<Subject, "label" | "says">>;

/** A subject that says `<label> is <value>` unless it has words of its own. */
function subjectOf({ label, says, ...parts }: SubjectParts): Subject {
  const name = label ?? parts.name;
  return { ...parts, label: name, says: says ?? ((_, shown) => `${name} is ${shown}`) };
}

/** `response time 1,210 ms` needs no verb. */
const withoutVerb = (label: string) => ({ label, says: (_: unknown, shown: string) => `${label} ${shown}` });

/** Subjects that need one more word: `header content-type`, `json $.status`. */
interface SubjectWithArgument {
  readonly name: string;
  /** Reads the argument from the beginning of `text` and gives what stands behind it. */
  readonly read: (text: string) => { subject: Subject; rest: string };
}

export const DAY_MS = 86_400_000;
const ANY: readonly Kind[] = ["http", "tcp", "dns"];

const PLAIN: readonly Subject[] = (
  [
    {
      name: "status",
      type: "number",
      reason: "status",
      kinds: ["http"],
      find: ({ status }) => received(status),
    },
    {
      name: "time",
      ...withoutVerb("response time"),
      type: "duration",
      reason: "timeout",
      kinds: ANY,
      find: ({ time }) => ({ value: time }),
    },
    ...PHASES.map(
      (phase): SubjectParts => ({
        name: `phase.${phase}`,
        ...withoutVerb(`${phase} phase`),
        type: "duration",
        reason: "timeout",
        kinds: ANY,
        find: ({ phases }) => ({ value: phases[phase] }),
      }),
    ),
    { name: "body", type: "text", reason: "body", kinds: ["http"], find: ({ body }) => received(body) },
    {
      name: "certificate.days",
      label: "certificate",
      says: (value) => certificateSays(Number(value)),
      type: "number",
      reason: "certificate",
      kinds: ["http", "tcp"],
      find: ({ certificate }, now) =>
        received(certificate && Math.floor((certificate.validTo - now) / DAY_MS)),
    },
    {
      name: "ip",
      label: "IP address",
      type: "address",
      reason: "dns",
      kinds: ["http", "tcp"],
      find: ({ address }) => received(address),
    },
    {
      name: "answer",
      label: "DNS answer",
      type: "text",
      reason: "dns",
      kinds: ["dns"],
      find: ({ answers }) => received(answers?.join("\n")),
    },
  ] satisfies SubjectParts[]
).map(subjectOf);

/** Whole days until it expires; a negative number is how long ago it did. */
export function certificateSays(days: number): string {
  const count = `${Math.abs(days)} ${Math.abs(days) === 1 ? "day" : "days"}`;
  return days < 0 ? `certificate expired ${count} ago` : `certificate expires in ${count}`;
}

const WITH_ARGUMENT: readonly SubjectWithArgument[] = [
  {
    name: "header",
    read: (text) => {
      const { header, rest } = /^(?<header>[\w-]+)\s*(?<rest>.*)$/s.exec(text)?.groups ?? {};
      if (header === undefined || rest === undefined) throw new Expected("header <name> <operator> <value>");
      const find = ({ headers }: ProbeResult) => received(headers?.[header.toLowerCase()]);
      return {
        subject: subjectOf({
          name: `header ${header}`,
          type: "text",
          reason: "header",
          kinds: ["http"],
          find,
        }),
        rest,
      };
    },
  },
  {
    name: "json",
    read: (text) => {
      const { path, rest } = readJsonPath(text);
      const name = `json ${text.slice(0, text.length - rest.length).trim()}`;
      const parts = { name, type: "json", reason: "json", kinds: ["http"], find: findJson(path) } as const;
      return { subject: subjectOf(parts), rest };
    },
  },
];

/** All names, for messages and for the README's test. */
export const SUBJECT_NAMES = [...PLAIN.map(({ name }) => name), "header <name>", "json <path>"];

/** As gatus writes them, and by other names. */
const OTHER_SUBJECTS: readonly (readonly [RegExp, string])[] = [
  [/^\[STATUS\]/i, "status == 200"],
  [/^\[RESPONSE_TIME\]/i, "time < 300 ms"],
  [/^(len\(|has\()?\[BODY\]\./i, 'json $.status == "UP"'],
  [/^\[BODY\]/i, 'body contains "ok"'],
  [/^\[CERTIFICATE_EXPIRATION\]/i, "certificate.days > 30"],
  [/^\[IP\]/i, "ip in 10.0.0.0/8"],
  [/^\[CONNECTED\]/i, "nothing: a site that cannot be reached is DOWN by itself"],
  [/^\[DNS_RCODE\]/i, 'answer contains "192.0.2.1"'],
  [/^(http_?)?(status(_?code)?|code)\b/i, "status == 200"],
  [/^(response_?time|latency|duration|time)\b/i, "time < 300 ms"],
  [/^(json|\$)/i, 'json $.status == "UP"'],
  [/^(body|content|text|keyword)\b/i, 'body contains "ok"'],
  [/^headers?\b/i, 'header content-type contains "json"'],
  [/^(cert\w*|ssl|tls)\b/i, "certificate.days > 30"],
];

/** Reads the subject at the beginning of a condition. */
export function readSubject(text: string): { subject: Subject; rest: string } {
  const { name = "", rest = "" } = /^(?<name>[^\s=!<>]*)\s*(?<rest>.*)$/s.exec(text)?.groups ?? {};
  const plain = PLAIN.find((subject) => subject.name === name);
  if (plain) return { subject: plain, rest };
  const other = WITH_ARGUMENT.find((subject) => subject.name === name);
  if (other) return other.read(rest);
  const here = OTHER_SUBJECTS.find(([pattern]) => pattern.test(text))?.[1];
  throw new Expected(
    `one of ${SUBJECT_NAMES.join(", ")} first${here ? ` (here it is written ${here})` : ""}`,
  );
}

function received(value: unknown): Found {
  return value === undefined ? { missing: "was not received" } : { value };
}

/** A body is parsed once for all conditions on it. */
const documents = new WeakMap<ProbeResult, Found>();

function findJson(path: JsonPath): (result: ProbeResult) => Found {
  return (result) => {
    const document = documents.get(result) ?? parseBody(result);
    documents.set(result, document);
    if ("missing" in document) return document;
    const value = valueAt(document.value, path);
    return value === undefined ? { missing: "is not in the body" } : { value };
  };
}

function parseBody({ body }: ProbeResult): Found {
  if (body === undefined) return { missing: "was not received" };
  try {
    return { value: JSON.parse(body) };
  } catch {
    return { missing: "cannot be read (the body is not JSON)" };
  }
}
