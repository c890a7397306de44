import type { Invocation } from "../lambda/function.ts";
import { type FunctionDecisions, readFunctionResult } from "./function-results.ts";

/** A run of a function in one line, for people; `whole` adds all that it answered. */
export function invocationLine(invocation: Invocation, detail: "short" | "whole"): string {
  const { functionName, attempt, durationMs, result } = invocation;
  const name = functionName.replace(/^reflex-[^-]+-/, "");
  const run = `${name}${attempt > 1 ? ` (attempt ${attempt})` : ""}, ${durationMs.toFixed(0)} ms`;
  if (!result.ok)
    return `${run}: failed (${result.ended}): ${result.error.errorType}: ${result.error.errorMessage}`;
  if (detail === "whole") return `${run}: ${result.payload}`;
  const decisions = readFunctionResult(result.payload);
  return `${run}: ${(decisions && summary(decisions)) || "nothing to report"}`;
}

function summary({ decisions, drains, notified }: FunctionDecisions): string {
  return [
    ...decisions.map(
      ({ kind, name, verdict, action }) =>
        `${kind.replace("-", " ")} ${name}: ${verdict}${action === "none" ? "" : `, ${action}`}`,
    ),
    ...drains.map(({ node, did }) => `node ${node}: ${did}`),
    ...notified.map((change) => `site ${change}`),
  ].join("; ");
}
