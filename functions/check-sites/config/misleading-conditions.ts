import type { Condition } from "../evaluate/condition.ts";
import { FOLLOWED } from "../probe/http/redirect.ts";
import { PHASES, type Phase, type ProbeResult } from "../probe/net/result.ts";
import { type Endpoint, hasCertificate } from "./endpoint.ts";
import type { SitePolicy } from "./policy.ts";
import type { SiteProblem } from "./site-problem.ts";

export interface CompiledCondition {
  readonly index: number;
  readonly condition: Condition;
}

export const DEFAULT_TIMEOUT_SECONDS = 10;

/** Conditions of its own that can be read and never say anything: they always hold, or never. */
export function misleadingConditions(
  own: SitePolicy,
  policy: SitePolicy,
  endpoint: Endpoint,
  conditions: readonly CompiledCondition[],
): SiteProblem[] {
  // Inherited conditions are as right as they can be for all sites together.
  if (own.conditions === undefined) return [];
  return conditions.flatMap(({ index, condition }) => {
    const expected =
      missingSubject(condition, policy, endpoint) ??
      limitOfNoUse(condition, policy) ??
      statusThatNeverComes(condition, endpoint);
    return expected === undefined ? [] : [{ path: ["conditions", index], expected }];
  });
}

/** What a probe of this address never finds. */
function missingSubject(
  { subject, readsBody }: Condition,
  { method }: SitePolicy,
  endpoint: Endpoint,
): string | undefined {
  if (subject.startsWith("certificate.") && !hasCertificate(endpoint)) {
    return `a subject that an address without TLS has: ${subject} is none`;
  }
  if (readsBody && method === "HEAD") {
    return `a subject that an answer to HEAD has: it has no body (method: GET)`;
  }
  const phase = PHASES.find((one) => subject === `phase.${one}`);
  const phases = phasesOf(endpoint);
  return phase && !phases.includes(phase)
    ? `a phase that a probe of this address has (${phases.join(", ")}): ${subject} is none`
    : undefined;
}

function phasesOf(endpoint: Endpoint): readonly Phase[] {
  if (endpoint.kind === "dns") return ["processing"];
  const connection: Phase[] = ["resolve", "connect", ...(hasCertificate(endpoint) ? (["tls"] as const) : [])];
  return endpoint.kind === "tcp" ? connection : [...connection, "processing", "transfer"];
}

function limitOfNoUse(
  { limitMs }: Condition,
  { timeoutSeconds = DEFAULT_TIMEOUT_SECONDS }: SitePolicy,
): string | undefined {
  if (limitMs === 0) return "a limit above 0 ms: nothing takes no time";
  return limitMs !== undefined && limitMs >= timeoutSeconds * 1000
    ? `a limit below timeoutSeconds, which is ${timeoutSeconds} s: no probe takes longer`
    : undefined;
}

/** At one of these nearly every condition holds that is right: the others need not be tried. */
const USUAL: readonly number[] = [200, 204, 401, 403, 404];
const ALL: readonly number[] = Array.from({ length: 900 }, (_, index) => 100 + index);
const NOTHING: ProbeResult = {
  phases: { resolve: 0, connect: 0, tls: 0, processing: 0, transfer: 0 },
  time: 0,
  hops: [],
};

function statusThatNeverComes(condition: Condition, endpoint: Endpoint): string | undefined {
  if (condition.subject !== "status" || endpoint.kind !== "http") return undefined;
  const holds = (status: number) => condition.check({ ...NOTHING, status }, 0).holds;
  if (USUAL.some(holds)) return undefined;
  const accepted = ALL.filter(holds);
  if (accepted.length === 0) return "a status that there is: 100 to 999";
  return endpoint.redirects > 0 && accepted.every((status) => FOLLOWED.has(status))
    ? "redirects: 0 beside it: a redirect that is followed is not the answer"
    : undefined;
}
