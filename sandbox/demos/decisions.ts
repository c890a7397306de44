import { readFunctionResult } from "../run/function-results.ts";

/** Prints one line: who says it, and what. */
export type Say = (who: string, line: string) => void;

/** Prints each decision with its reasons; one that only repeats the last is counted, not printed again. */
export function createDecisionPrinter(say: Say): (functionName: string, payload: string) => void {
  const last = new Map<string, { text: string; repeated: number }>();

  function count(key: string, text: string): string | undefined {
    const before = last.get(key);
    if (before?.text === text) {
      before.repeated += 1;
      return undefined;
    }
    last.set(key, { text, repeated: 0 });
    return before && before.repeated > 0 ? `after ${before.repeated} more runs with "${before.text}": ` : "";
  }

  return (functionName, payload) => {
    const result = readFunctionResult(payload);
    if (!result) return;
    const who = functionName.replace(/^reflex-[^-]+-/, "");
    for (const { node, cause, reason } of result.drains) say(who, `node ${node} (${cause}): ${reason}`);
    for (const { kind, name, trigger, verdict, action, reasons } of result.decisions) {
      const resource = `${kind === "stream" ? "stream" : "node pool"} ${name}`;
      const repeated = count(`${functionName}/${resource}`, `${verdict}, ${action}`);
      if (repeated === undefined) continue;
      const done = action === "none" ? "no action" : action;
      say(who, `${resource}: ${repeated}${verdict} (triggered by ${trigger}); ${done}`);
      for (const reason of reasons) say("", `${resource}: because ${reason}`);
    }
  };
}
