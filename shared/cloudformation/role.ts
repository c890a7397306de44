import { arn, arnOf, type Resource, ref } from "./resource.ts";

/** What one sort of call is allowed on. */
export interface Statement {
  /** Letters and digits: what it is for. */
  readonly sid: string;
  readonly actions: readonly string[];
  /** None: the config names nothing of the kind, and the statement is left out. */
  readonly on: readonly (Resource | string)[];
  readonly condition?: Resource;
}

/**
 * The role of one function: exactly these statements.
 *
 * @param roleName where something outside the stack names it; with the region in it, since roles are in none
 */
export function functionRole(
  policyName: string,
  statements: readonly Statement[],
  roleName?: Resource,
): Resource {
  return {
    Type: "AWS::IAM::Role",
    Properties: {
      ...(roleName !== undefined && { RoleName: roleName }),
      AssumeRolePolicyDocument: {
        Version: "2012-10-17",
        Statement: [
          { Effect: "Allow", Principal: { Service: "lambda.amazonaws.com" }, Action: "sts:AssumeRole" },
        ],
      },
      Policies: [
        {
          PolicyName: policyName,
          PolicyDocument: {
            Version: "2012-10-17",
            Statement: statements.filter(({ on }) => on.length > 0).map(inTemplate),
          },
        },
      ],
    },
  };
}

function inTemplate({ sid, actions, on, condition }: Statement): Resource {
  return {
    Sid: sid,
    Effect: "Allow",
    Action: actions,
    Resource: on,
    ...(condition && { Condition: condition }),
  };
}

/** What every function does: its log and its traces, which have no resource level. */
export function logAndTrace(...functionNames: readonly string[]): readonly Statement[] {
  return [
    {
      sid: "WriteLogs",
      actions: ["logs:CreateLogStream", "logs:PutLogEvents"],
      on: functionNames.map((name) => arn("logs", `log-group:/aws/lambda/${name}:*`)),
    },
    { sid: "Trace", actions: ["xray:PutTraceSegments", "xray:PutTelemetryRecords"], on: ["*"] },
  ];
}

/** What a function does that says what it did, and whose failed events are kept. */
export function notifyAndDeadLetter(): readonly Statement[] {
  return [
    { sid: "Notify", actions: ["sns:Publish"], on: [ref("NotifyTopic")] },
    { sid: "KeepFailedEvents", actions: ["sqs:SendMessage"], on: [arnOf("FailedEventsQueue")] },
  ];
}

/** What shared/ledger does. */
export const keepLedger = (): readonly Statement[] => [
  {
    sid: "KeepTheLedger",
    actions: ["dynamodb:GetItem", "dynamodb:Query", "dynamodb:PutItem", "dynamodb:UpdateItem"],
    on: [arnOf("LedgerTable")],
  },
  {
    sid: "FindWaitingNotifications",
    actions: ["dynamodb:Query"],
    on: [{ "Fn::Sub": `\${LedgerTable.Arn}/index/outbox` }],
  },
];
