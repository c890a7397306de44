import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { readBody } from "../ledger/kept-value.ts";
import { type ApprovalRequest, approvalRequest, type ProposedChange } from "./request.ts";

type Item = Readonly<Record<string, AttributeValue>>;

/** The sort key of a resource's request. It sorts after every `entry#…`: the query for the history brings it too. */
export const REQUEST_KEY = "request";

/** Who answered what is in the audit trail of the resource behind it: `approval/stream/orders`. */
export const APPROVAL_TRAIL = "approval/";

/** What can become of a request; each write of it is on the condition of the state that was read. */
export type RequestState = "waiting" | "approved" | "rejected" | "overtaken";

export function stateOf({ answer, overtaken }: ApprovalRequest): RequestState {
  if (overtaken) return "overtaken";
  return answer?.said ?? "waiting";
}

/** Rises when the body changes in a way that older versions cannot read. */
export const REQUEST_FORM = "1";

/** @param keepMs how long it is kept, by the table's TTL */
export const requestItem = (request: ApprovalRequest, keepMs: number): Record<string, AttributeValue> => ({
  pk: { S: request.resource },
  sk: { S: REQUEST_KEY },
  requestId: { S: request.id },
  requestState: { S: stateOf(request) },
  form: { N: REQUEST_FORM },
  body: { S: JSON.stringify(request) },
  expiresAt: { N: String(Math.ceil((request.askedAt + keepMs) / 1000)) },
});

/** One that cannot be read was written by another version: nothing is done on its word, and a person is asked anew. */
export const readRequest = (item: Item | undefined): ApprovalRequest | undefined =>
  readBody(approvalRequest, item?.body?.S);

/** The same change: what it does, from where and to where. What it was read from may differ. */
export const isSameChange = (a: ProposedChange, b: ProposedChange): boolean =>
  a.what === b.what && a.direction === b.direction && a.from === b.from && a.to === b.to;
