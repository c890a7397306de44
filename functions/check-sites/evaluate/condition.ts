import type { Reason } from "../probe/net/reasons.ts";
import type { ProbeResult } from "../probe/net/result.ts";
import { Expected } from "./literals.ts";
import { OPERATORS } from "./operators.ts";
import { type Kind, readSubject, type ValueType } from "./subjects.ts";
import type { Severity } from "./verdict.ts";

/** One compiled condition. */
export interface Condition {
  /** The subject's name: `status`, `header content-type`. */
  readonly subject: string;
  readonly severity: Severity;
  readonly reason: Reason;
  /**
   * Whether it holds, and the condition with the value that was seen in it: `status (500) == 200`. `clean`
   * takes secrets out of that value, before it is cut: half a secret would not be found any more.
   */
  check(facts: ProbeResult, now: number, clean?: Clean): { readonly holds: boolean; readonly text: string };
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
    /^\s*(?<asked>.*?)\s*(?:\selse\s+(?<severity>degraded|down)\s*)?$/s.exec(text)?.groups ?? {};
  const { subject, rest } = readSubject(asked);
  if (!subject.kinds.includes(kind)) {
    throw new Expected(`a subject that a ${kind} check has: ${subject.name} is none`);
  }
  const symbol = Object.keys(OPERATORS).find((name) => rest.replace(/^not\s+/, "not ").startsWith(name));
  const operand = symbol && rest.replace(/^not\s+/, "not ").slice(symbol.length);
  const read = symbol === undefined ? undefined : OPERATORS[symbol]?.[subject.type];
  // A word must end where it ends: `contains"ok"` is right, `index` is not `in dex`.
  if (!read || operand === undefined || (/\w$/.test(symbol ?? "") && /^\w/.test(operand))) {
    throw new Expected(`${operatorsFor(subject.type).join(", ")} behind ${subject.name}`);
  }
  const test = read(operand.trim());
  return {
    subject: subject.name,
    severity: severity === "degraded" ? "degraded" : "down",
    reason: subject.reason,
    check(facts, now, clean = (text) => text) {
      const found = subject.find(facts, now);
      const holds = "value" in found && test(found.value) === true;
      const seen = "value" in found ? shown(found.value, subject.type, clean) : found.missing;
      return { holds, text: `${subject.name} (${seen}) ${rest}` };
    },
  };
}

function operatorsFor(type: ValueType): string[] {
  return Object.entries(OPERATORS).flatMap(([name, operator]) => (operator[type] ? [name] : []));
}

function shown(value: unknown, type: ValueType, clean: Clean): string {
  if (type === "duration" && typeof value === "number") return `${Math.round(value)} ms`;
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
