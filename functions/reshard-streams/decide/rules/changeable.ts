import type { Entry } from "../../../../shared/ledger/entry.ts";
import type { Decision } from "../../model/decision.ts";
import { hold } from "./decisions.ts";
import type { Facts } from "./facts.ts";
import { shards } from "./wording.ts";

/** The stream and its ledger are read in parallel, and AWS takes some thirty seconds for a reshard. */
const JUST_CHANGED_MS = 5_000;

/** Can it be changed at all? */
export function notChangeable(facts: Facts): Decision | undefined {
  const { observation, history, now } = facts;
  const { status } = observation;
  if (status !== "ACTIVE") {
    const why =
      status === "DELETING" ? "it is not changed any more" : "it is changed again once it is ACTIVE";
    return hold(facts, "updating", `the stream is ${status}: ${why}`, { requeue: true });
  }
  const justChanged = history.entries.find(
    ({ outcome }) => outcome.result === "applied" && outcome.at > now - JUST_CHANGED_MS,
  );
  if (justChanged) {
    const why = `another run has just changed it ${changeIn(justChanged)}, and this observation may be older than that`;
    return hold(facts, "updating", why, { requeue: true });
  }
  return undefined;
}

function changeIn({ intent: { action, to } }: Entry): string {
  return action.startsWith("kinesis:UpdateStream") ? `by ${action}` : `to ${shards(to)}`;
}
