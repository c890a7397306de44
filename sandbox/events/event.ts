import { randomUUID } from "node:crypto";
import type { BusEvent } from "../deliveries.ts";
import { ACCOUNT_ID } from "../service.ts";

export interface EventParts {
  readonly source: string;
  readonly detailType: string;
  readonly region: string;
  /** Ms since the epoch. */
  readonly at: number;
  readonly resources: readonly string[];
  readonly detail: unknown;
}

/** An event in the envelope EventBridge hands to targets. */
export function createEvent({ source, detailType, region, at, resources, detail }: EventParts): BusEvent {
  return {
    version: "0",
    id: randomUUID(),
    "detail-type": detailType,
    source,
    account: ACCOUNT_ID,
    time: new Date(at).toISOString().replace(/\.\d{3}Z$/, "Z"),
    region,
    resources,
    detail,
  };
}
