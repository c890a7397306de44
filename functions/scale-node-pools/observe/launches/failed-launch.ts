import type { FailedLaunch } from "../../model/cluster.ts";

/**
 * EC2 gives a failed launch no code, only a sentence: "We currently do not have sufficient m5.large capacity in the
 * Availability Zone you requested". The type that it names is read here, once; nothing decides by it. Of Spot capacity it may name
 * none ("sufficient Spot capacity").
 */
const MISSING_TYPE = /sufficient ([a-z0-9-]+\.[a-z0-9-]+) capacity/;

/** @param at ms since the epoch */
export function failedLaunchOf(at: number, message: string): FailedLaunch {
  const missingType = MISSING_TYPE.exec(message)?.[1];
  return { at, message, ...(missingType !== undefined && { missingType }) };
}
