import { randomUUID } from "node:crypto";
import { ACCOUNT_ID, DEFAULT_REGION } from "../service.ts";
import type { Provisioned, StackResources } from "../template/provision.ts";
import type { ChangeSet } from "./change-set.ts";
import type { TemplateSource } from "./source.ts";

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_StackEvent.html */
export interface StackEvent {
  readonly id: string;
  /** Ms since the epoch on the sandbox's clock. */
  readonly at: number;
  readonly logicalId: string;
  readonly type: string;
  readonly status: string;
  readonly ref?: string;
  readonly reason?: string;
}

export interface Stack {
  readonly id: string;
  readonly name: string;
  readonly createdAt: number;
  updatedAt?: number;
  deletedAt?: number;
  status: string;
  reason?: string;
  /** What it was made of last; none before the first change set was executed. */
  source?: TemplateSource;
  outputs: Provisioned["outputs"];
  /** What the stack above hands over; none for one that is not nested. */
  parameters: Readonly<Record<string, string>>;
  notSimulated: readonly string[];
  /** The logical ids of what the last operation created. */
  lastCreated: ReadonlySet<string>;
  /** The stack above, where it is nested. */
  readonly parent?: Stack;
  readonly resources: StackResources;
  /** When each resource was changed last, by logical id; ms since the epoch. */
  readonly changedAt: Map<string, number>;
  /** Oldest first. */
  readonly events: StackEvent[];
  readonly changeSets: Map<string, ChangeSet>;
}

export const STACK_TYPE = "AWS::CloudFormation::Stack";

export function createStack(
  name: string,
  now: number,
  { region = DEFAULT_REGION, parent }: { readonly region?: string; readonly parent?: Stack } = {},
): Stack {
  return {
    id: `arn:aws:cloudformation:${region}:${ACCOUNT_ID}:stack/${name}/${randomUUID()}`,
    name,
    createdAt: now,
    status: "REVIEW_IN_PROGRESS",
    outputs: {},
    parameters: {},
    notSimulated: [],
    lastCreated: new Set(),
    ...(parent && { parent }),
    resources: new Map(),
    changedAt: new Map(),
    events: [],
    changeSets: new Map(),
  };
}

/** A change is under way; one that is only reviewed waits for it. */
export function isBusy({ status }: Stack): boolean {
  return status.endsWith("_IN_PROGRESS") && status !== "REVIEW_IN_PROGRESS";
}

/** Gives the stack a status, and writes the event about it. */
export function setStatus(stack: Stack, now: number, status: string, reason?: string): void {
  stack.status = status;
  stack.reason = reason;
  addEvent(stack, now, {
    logicalId: stack.name,
    type: STACK_TYPE,
    ref: stack.id,
    status,
    ...(reason && { reason }),
  });
}

export function addEvent(stack: Stack, now: number, event: Omit<StackEvent, "id" | "at">): void {
  stack.events.push({ ...event, id: `${event.logicalId}-${event.status}-${randomUUID()}`, at: now });
}

/** The one that is in no other. */
export const rootOf = (stack: Stack): Stack => (stack.parent ? rootOf(stack.parent) : stack);
