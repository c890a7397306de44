import { cut } from "../probe/net/probe-error.ts";
import type { Reason } from "../probe/net/reasons.ts";
import type { ProbeResult } from "../probe/net/result.ts";
import { Expected, readDuration } from "./literals.ts";
import { OPERATORS } from "./operators.ts";
import { type Kind, readSubject, type Subject, type ValueType } from "./subjects.ts";
import type { Severity } from "./verdict.ts";

/** One compiled condition. */
export interface Condition {
  /** The subject's name: `status`, `header content-type`. */
  readonly subject: string;
  readonly severity: Severity;
  readonly reason: Reason;
  /** Whether it needs the body: else nobody cares how it is encoded. */
  readonly readsBody: boolean;
  /** Its operand is a pattern, for which the engine must be loaded before it is checked. */
  readonly needsPatternEngine?: true;
  /** Of `time < 800 ms`: the limit. */
  readonly limitMs?: number;
  /**
   * Whether it holds, and what was found and what was expected: `status is 500, expected 200`. `clean` takes
   * secrets out of that value, before it is cut: half a secret would not be found any more.
   */
  check(result: ProbeResult, now: number, clean?: Clean): { readonly holds: boolean; readonly text: string };
}

/** Takes secrets out of a text that is to be shown. */
export type Clean = (text: string) => string;

/** A value in a failure's text is cut to this many characters. */
const SHOWN = 80;
/** Of a long text so much is looked through for secrets before it is cut. */
const LOOKED_AT = 10_000;

/**
 * Compiles `<subject> <operator> <value> [else degraded | else down]` for a site of `kind`. Throws an
 * `Expected` whose message is what should have stood there.
 *
 * A condition fails closed: on a value that was not received, or that its operator says nothing about, it
 * fails with `not` and without.
 */
export function compileCondition(text: string, kind: Kind): Condition {
  const { asked = "", severity = "down" } =
    /^\s*(?<asked>.*?)\s*(?:\selse\s+(?<severity>degraded|down)\s*)?$/is.exec(text)?.groups ?? {};
  const other = /\selse\s+(?<severity>[\w-]+)$/i.exec(asked)?.groups?.severity;
  if (other !== undefined)
    throw new Expected(`else degraded or else down at its end instead of else ${other}`);
  const { subject, rest } = readSubject(asked);
  if (!subject.kinds.includes(kind)) {
    throw new Expected(`a subject that a ${kind} check has: ${subject.name} is none`);
  }
  const { symbol, operator, operand } = readOperator(rest, subject);
  const test = operator(operand);
  const expected = OPERATORS[symbol]?.expected(operand) ?? "";
  return {
    subject: subject.name,
    severity: severity.toLowerCase() === "degraded" ? "degraded" : "down",
    reason: subject.reason,
    ...(subject.type === "duration" && symbol.startsWith("<") && { limitMs: readDuration(operand) }),
    ...(symbol.endsWith("matches") && { needsPatternEngine: true }),
    readsBody: subject.reason === "body" || subject.reason === "json",
    check(result, now, clean = (text) => text) {
      const found = subject.find(result, now);
      const holds = "value" in found && test(found.value) === true;
      const seen =
        "value" in found
          ? subject.says(found.value, shown(found.value, subject.type, clean))
          : `${subject.label} ${found.missing}`;
      return { holds, text: cut(`${seen}, expected ${expected}`) };
    },
  };
}

/** The operator at the beginning of `text`, and the operand behind it. */
function readOperator(text: string, { name, type }: Subject) {
  const single = text.replace(/^not\s+/, "not ");
  const symbol = Object.keys(OPERATORS).find((known) => single.startsWith(known)) ?? "";
  const operand = single.slice(symbol.length);
  const operator = OPERATORS[symbol]?.read[type];
  // A word must end where it ends: `contains"ok"` is right, `index` is not `in dex`.
  if (!operator || (/\w$/.test(symbol) && /^\w/.test(operand))) {
    throw new Expected(`${operatorsFor(type).join(", ")} behind ${name}`);
  }
  return { symbol, operator, operand: operand.trim() };
}

function operatorsFor(type: ValueType): string[] {
  return Object.entries(OPERATORS).flatMap(([name, { read }]) => (read[type] ? [name] : []));
}

function shown(value: unknown, type: ValueType, clean: Clean): string {
  if (type === "duration" && typeof value === "number")
    return `${Math.round(value).toLocaleString("en-US")} ms`;
  if (type === "address") return String(value);
  const text = typeof value === "string" ? JSON.stringify(clean(value.slice(0, LOOKED_AT))) : asJson(value);
  const cleaned = clean(text);
  return cleaned.length > SHOWN ? `${cleaned.slice(0, SHOWN)}…` : cleaned;
}

/** A list may be nested so deep that it can be read and not be written. */
function asJson(value: unknown): string {
  try {
    return JSON.stringify(value) ?? String(value);
  } catch {
    return "nested too deep to be shown";
  }
}
