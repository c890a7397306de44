import * as z from "zod/mini";
import { entryFor, isPattern, matchesPattern } from "../../../shared/config/patterns.ts";
import { type StreamPolicy, streamPolicy } from "./policy.ts";

/** Kinesis' own rule for a stream's name, and `*` for patterns. */
const streamName = z
  .string()
  .check(
    z.regex(
      /^[a-zA-Z0-9_.*-]{1,128}$/,
      "the name of a stream, not its ARN: letters, digits, _ . - and * for any characters",
    ),
  );

/** The section `streams`: a stream's name or a pattern, and its policy. */
export const streamPolicies = z.record(streamName, streamPolicy).check(
  z.superRefine((policies, context) => {
    const names = Object.keys(policies);
    for (const [at, name] of names.entries()) {
      const problem = problemOf(name, policies[name], names.slice(0, at));
      if (problem)
        context.issues.push({
          code: "custom",
          input: policies[name],
          path: [name, ...problem.path],
          message: problem.message,
        });
    }
  }),
);
export type StreamPolicies = z.output<typeof streamPolicies>;

/** What is wrong with an entry by its name and by those that stand before it. */
function problemOf(name: string, policy: StreamPolicy | undefined, before: readonly string[]) {
  if (!isPattern(name)) return undefined;
  if (policy?.create) {
    return {
      path: ["create"],
      message: "no `create` on a pattern: only a stream that is named can be created",
    };
  }
  const wider = before.find((pattern) => isPattern(pattern) && matchesPattern(pattern, name));
  return wider === undefined
    ? undefined
    : {
        path: [],
        message: `"${name}" before "${wider}", whose streams it would take: the first pattern that matches counts`,
      };
}

/** The entries that name something to manage. */
export const managedStreams = (policies: StreamPolicies): StreamPolicies =>
  Object.fromEntries(Object.entries(policies).filter(([, { ignore }]) => !ignore));

/** The policy by which a stream is managed: that of its own entry, else of the first pattern; none where that ignores it. */
export function policyFor(policies: StreamPolicies, stream: string): StreamPolicy | undefined {
  const policy = entryFor(policies, stream);
  return policy?.ignore ? undefined : policy;
}

/** Where an alarm reports too much traffic, a scan has to find too little of it. */
const SCAN_MINUTES = { withAlarm: 10, withoutAlarm: 5 };

/**
 * So often a stream, or each stream of a pattern, is observed where nothing calls for it. A named stream has an alarm, but
 * none for its reads.
 */
export function scanIntervalMinutes(entry: string, { scanIntervalMinutes, reads }: StreamPolicy): number {
  return (
    scanIntervalMinutes ?? (isPattern(entry) || reads ? SCAN_MINUTES.withoutAlarm : SCAN_MINUTES.withAlarm)
  );
}

/** The names and patterns whose policies are so. */
export const namesWith = (policies: StreamPolicies, is: (policy: StreamPolicy) => boolean): string[] =>
  Object.entries(policies).flatMap(([name, policy]) => (is(policy) ? [name] : []));
