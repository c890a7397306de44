import type { Entry } from "../../../../shared/ledger/entry.ts";
import type { Decision, Finding, Hold } from "../../model/decision.ts";
import { TOLERATED_SHARE } from "../measure/bursts.ts";
import { STOPPED_KEYS } from "../measure/stopped-consumers.ts";
import { hold, notifiedHold } from "./decisions.ts";
import type { Facts } from "./facts.ts";
import { refusedLately } from "./refused-lately.ts";
import { outTo } from "./scale-out.ts";
import { lessOf, shards, time } from "./wording.ts";

const HOUR_MS = 3_600_000;

/** Consumers that fall behind within so long after our own scale-in did so because of it. */
const BECAUSE_OF_IT_MS = 2 * HOUR_MS;

/** So long after consumers made us undo a scale-in, there is no further one. */
const REMEMBERED_MS = 24 * HOUR_MS;

/** Marks the evidence of a scale-out that undid a scale-in. */
const UNDOES = "undoesScaleIn";

/** Did consumers fall behind after our own scale-in? Fewer shards are fewer consumers: then it is undone, as far as that may be. */
export function consumersFellBehind(facts: Facts): Decision | undefined {
  const { observation, policy, open } = facts;
  const first = scaleInThatHurt(facts);
  if (!first || first.intent.from <= open) return undefined;
  const { at, from } = first.intent;
  const what = `consumers were up to date and are ${seconds(observation.iteratorAgeMs)} s behind since it was scaled in from ${shards(from)} at ${time(at)}: fewer shards are fewer consumers`;
  const goal = Math.min(from, policy.max);
  if (goal <= open) {
    if (refusesWrites(facts)) return undefined;
    const why = `${what}, but that is not undone, because max is ${policy.max}`;
    return late(notifiedHold(facts, "consumers-behind", why));
  }
  const refused = refusedLately(facts, "out");
  if (refused) return late(refused);
  const undo = outTo(facts, goal, "consumers-behind", `${what}, so that is undone`);
  return { ...undo, evidence: { ...undo.evidence, [UNDOES]: true } };
}

/** More shards for slow consumers show within so long whether they helped. */
const SHOWN_AFTER_MS = 30 * 60_000;

/** Marks the evidence of a scale-out for slow consumers. */
const FOR_CONSUMERS = "forConsumers";

/** Are consumers too slow? More shards are more Lambda consumers, so `scaleOutOnAge` allows half as many more, and again where that helped. */
export function consumersTooSlow(facts: Facts): Decision | undefined {
  const { observation, policy, open, history, now } = facts;
  if (!policy.scaleOutOnAge || !isBehind(facts)) return undefined;
  const what = `its consumers are ${seconds(observation.iteratorAgeMs)} s behind, more than ${policy.maxIteratorAgeSeconds} s`;
  const last = history.entries.find(
    ({ intent, outcome }) => intent.evidence[FOR_CONSUMERS] === true && outcome.result === "applied",
  )?.intent;
  if (last && now < last.at + SHOWN_AFTER_MS) {
    const why = `${what}; it was scaled out for them at ${time(last.at)}, which shows by ${time(last.at + SHOWN_AFTER_MS)}`;
    return hold(facts, "awaiting-metrics", why, { requeue: true });
  }
  const goal = Math.min(open + Math.ceil(open / 2), policy.max);
  const helped = !last || (observation.iteratorAgeMs ?? 0) < Number(last.evidence.iteratorAgeMs);
  if (!helped || goal <= open) {
    if (refusesWrites(facts)) return undefined;
    const why = helped
      ? `max is ${policy.max}`
      : `${shards(last.to)} since ${time(last.at)} did not help: the consumers themselves are slow, or they fail`;
    return late(notifiedHold(facts, "consumers-behind", `${what}, but ${why}`));
  }
  const refused = refusedLately(facts, "out");
  if (refused) return refused;
  const decision = outTo(facts, goal, "consumers-behind", `${what}: more shards are more consumers`);
  return { ...decision, evidence: { ...decision.evidence, [FOR_CONSUMERS]: true } };
}

/** Where nothing can be done for consumers, what producers lose is told first. */
const refusesWrites = ({ throttledShare }: Facts): boolean => throttledShare > TOLERATED_SHARE;

/** Why a scale-in has to wait for consumers; a person has to know, because their lag is not seen in the utilisation. */
export function consumersBehind(facts: Facts): Hold | undefined {
  const { observation, policy, history, now } = facts;
  const { iteratorAgeMs } = observation;
  const no = (why: string) =>
    notifiedHold(facts, "consumers-behind", `${lessOf(facts)} would be enough, but ${why}`);
  if (iteratorAgeMs !== undefined && isBehind(facts)) {
    return late(
      no(
        `its consumers are ${seconds(iteratorAgeMs)} s behind, more than ${policy.maxIteratorAgeSeconds} s: fewer shards would also mean fewer of them`,
      ),
    );
  }
  const [stopped] = stoppedFindings(facts);
  if (stopped) return no(stopped.text);
  const undone = history.entries.find(
    ({ intent }) => intent.evidence[UNDOES] === true && intent.at > now - REMEMBERED_MS,
  );
  if (undone)
    return no(`its consumers fell behind after the scale-in that was undone at ${time(undone.intent.at)}`);
  const forThem = history.entries.find(
    ({ intent }) => intent.evidence[FOR_CONSUMERS] === true && intent.at > now - REMEMBERED_MS,
  );
  if (forThem) return no(`it was scaled out for its consumers at ${time(forThem.intent.at)}`);
  const last = history.entries[0];
  if (iteratorAgeMs === undefined && typeof last?.intent.evidence.iteratorAgeMs === "number") {
    return no(`no consumer reads it any more, and at ${time(last.intent.at)} one did`);
  }
  return undefined;
}

/** Consumers are late at this moment: work waits for them. */
const late = (held: Hold): Hold => ({ ...held, evidence: { ...held.evidence, consumersLate: true } });

/**
 * The first of the scale-ins since the last scale-out, if consumers were up to date then and are not now. One that began to
 * read since then did not fall behind because of it.
 */
function scaleInThatHurt(facts: Facts): Entry | undefined {
  const { history, now, policy } = facts;
  if (!isBehind(facts)) return undefined;
  // Warm throughput that was released while the stream was on demand is no shard that consumers lack.
  const applied = history.entries.filter(
    ({ intent, outcome }) =>
      outcome.result === "applied" && intent.action !== "kinesis:UpdateStreamWarmThroughput",
  );
  // An undo takes several steps where one call or one split is not enough.
  const out = applied.findIndex(
    ({ intent }) => intent.direction !== "in" && intent.evidence[UNDOES] !== true,
  );
  const first = applied
    .slice(0, out === -1 ? undefined : out)
    .filter(({ intent }) => intent.direction === "in" && intent.evidence.iteratorAgeMs !== null)
    .at(-1);
  if (!first || (applied[0]?.intent.at ?? 0) < now - BECAUSE_OF_IT_MS) return undefined;
  const ageThen = Number(first.intent.evidence.iteratorAgeMs ?? 0);
  return ageThen <= policy.maxIteratorAgeSeconds * 1000 ? first : undefined;
}

/** Consumers that stopped are a matter of their own: no utilisation shows it, and records are lost when their retention is over. */
export function stoppedFindings({ stopped, observation: { iteratorAgeMs } }: Facts): Finding[] {
  return stopped.map(({ how, lastReadAt }) => {
    const who = how === "polling" ? "no consumer" : "no consumer with enhanced fan-out";
    return {
      ...{ key: STOPPED_KEYS[how], code: "consumers-stopped" },
      severity: iteratorAgeMs === undefined ? "critical" : "warning",
      text: `${who} has read it since ${time(lastReadAt)}, and until then one did all the time: records came since, and are lost when the stream's retention is over`,
    };
  });
}

function isBehind({ observation: { iteratorAgeMs }, policy }: Facts): boolean {
  return iteratorAgeMs !== undefined && iteratorAgeMs > policy.maxIteratorAgeSeconds * 1000;
}

function seconds(ms: number | undefined): number {
  return Math.round((ms ?? 0) / 1000);
}
