/**
 * What a role may do, written down beside the role itself: a test compares both in the packaged template, and
 * docs/permissions.md is made from this.
 */

/** Calls of one role on one sort of resource. */
export interface Permission {
  readonly actions: readonly string[];
  /** An ARN, or what of the config stands in it: `<stream>`. `*` where AWS has no resource level. */
  readonly on: string;
  readonly why: string;
  /** Who calls with the role, where that is not the function: then the function's network need not lead there. */
  readonly by?: "Lambda";
  /** Only under this condition of IAM's. */
  readonly only?: { readonly [operator: string]: { readonly [key: string]: string } };
}

const LEDGER = "arn:aws:dynamodb:<region>:<account>:table/reflex-<stage>-ledger";

export const LOOK_UP_LEDGER: Permission = {
  actions: ["dynamodb:GetItem", "dynamodb:Query"],
  on: LEDGER,
  why: "reads recent changes of related resources, and pauses: notifications of a paused resource wait",
};

/** @param why what it keeps there beside */
export const keepLedgerPermissions = (why = ""): readonly Permission[] => [
  {
    actions: ["dynamodb:GetItem", "dynamodb:Query", "dynamodb:PutItem", "dynamodb:UpdateItem"],
    on: LEDGER,
    why: `keeps the lease, intent, outcome, incidents and the outbox${why}`,
  },
  {
    actions: ["dynamodb:Query"],
    on: `${LEDGER}/index/outbox`,
    why: "finds notifications that wait to be sent",
  },
];

export const NOTIFY: Permission = {
  actions: ["sns:Publish"],
  on: "arn:aws:sns:<region>:<account>:reflex-<stage>-notify",
  why: "publishes notifications: what it did and why",
};

export const FAILED_EVENTS: Permission = {
  actions: ["sqs:SendMessage"],
  on: "arn:aws:sqs:<region>:<account>:reflex-<stage>-failed-events",
  why: "lets Lambda keep the events of failed runs",
  by: "Lambda",
};

/** Only where the heartbeat's address is a secret, and of the one automation that sends it. */
export const HEARTBEAT: readonly Permission[] = [
  {
    actions: ["ssm:GetParameters"],
    on: "arn:aws:ssm:<region>:<account>:parameter/<parameter of the heartbeat>",
    why: "reads the address of `monitoring.heartbeat`",
  },
  {
    actions: ["secretsmanager:GetSecretValue"],
    on: "arn:aws:secretsmanager:<region>:<account>:secret:<secret of the heartbeat>-??????",
    why: "reads the address of `monitoring.heartbeat`. AWS appends six characters to each secret's name",
  },
];

/** The log of each function that has the role, and its traces. */
export const logAndTracePermissions = (...functions: readonly string[]): readonly Permission[] => [
  ...functions.map((name) => ({
    actions: ["logs:CreateLogStream", "logs:PutLogEvents"],
    on: `arn:aws:logs:<region>:<account>:log-group:/aws/lambda/reflex-<stage>-${name}:*`,
    why: "writes its log",
  })),
  { actions: ["xray:PutTraceSegments", "xray:PutTelemetryRecords"], on: "*", why: "sends its traces" },
];
