import type { Lever } from "../../model/decision.ts";
import { CALL_RATE } from "../measure/quota.ts";
import type { Facts } from "../rules/facts.ts";
import { time } from "../rules/wording.ts";

/** A sentence, if AWS refused this call within the history's day: it would be refused again. */
export function refusedADayAgo({ history }: Facts, kind: Lever["kind"]): string | undefined {
  const refused = history.entries.find(
    ({ intent, outcome }) =>
      intent.action === `kinesis:${kind}` && outcome.result === "refused" && outcome.code !== CALL_RATE,
  );
  if (!refused) return undefined;
  const { at, detail = "no reason given" } = refused.outcome;
  return `AWS refused it at ${time(at)} (${detail}): it is not tried again within a day`;
}
