import { paginateListSubscriptionsByTopic, type SNSClient } from "@aws-sdk/client-sns";
import type { Mode } from "../../shared/config/load.ts";
import type { StackResource } from "./stack-contents.ts";

/** A mail address that was subscribed and has not confirmed. */
export interface Unconfirmed {
  readonly topicArn: string;
  readonly address: string;
}

/** What a deploy has changed, and what is open after it. */
export interface Deployed {
  readonly stage: string;
  readonly mode: Mode;
  readonly before: readonly StackResource[];
  readonly after: readonly StackResource[];
  readonly unconfirmed: readonly Unconfirmed[];
}

/** What somebody knows by its name; of the others a count is enough. */
const BY_NAME: Readonly<Record<string, string>> = {
  "AWS::DynamoDB::Table": "table",
  "AWS::Kinesis::Stream": "stream",
  "AWS::Lambda::Function": "function",
  "AWS::S3::Bucket": "bucket",
  "AWS::SNS::Topic": "topic",
  "AWS::SQS::Queue": "queue",
};

/** Of the functions that call a cluster's API; the names are documented in docs/kubernetes/access-entry.md. */
const CLUSTER_ROLE = /-(scale-node-pools|drain-nodes)-/;

/** What is printed after a deploy, by heading: what was created, what has to be confirmed, what to do next. */
export function afterDeploy(deployed: Deployed): Readonly<Record<"created" | "confirm" | "next", string[]>> {
  return { created: created(deployed), confirm: toConfirm(deployed), next: nextSteps(deployed) };
}

function newResources({ before, after }: Deployed): readonly StackResource[] {
  const known = new Set(before.map(({ physicalId }) => physicalId));
  return after.filter(({ physicalId }) => !known.has(physicalId));
}

function created(deployed: Deployed): string[] {
  const resources = newResources(deployed);
  if (resources.length === 0) return ["nothing: what was there was updated"];
  const named = Object.entries(BY_NAME).flatMap(([type, word]) =>
    resources.filter((one) => one.type === type).map(({ physicalId }) => `${word} ${nameOf(physicalId)}`),
  );
  const others = resources.length - named.length;
  return others === 0 ? named : [...named, `${others} more: roles, alarms, rules, logs and the like`];
}

/** A topic is known by its ARN, a queue by its address. */
const nameOf = (physicalId: string): string => physicalId.split(/[:/]/).at(-1) ?? physicalId;

function toConfirm(deployed: Deployed): string[] {
  const addresses = deployed.unconfirmed.map(
    ({ topicArn, address }) =>
      `${address}: gets nothing of ${nameOf(topicArn)} until the link in AWS's mail "Subscription Confirmation" is opened`,
  );
  const roles = newResources(deployed)
    .filter(({ type, physicalId }) => type === "AWS::IAM::Role" && CLUSTER_ROLE.test(physicalId))
    .map(
      ({ physicalId }) =>
        `role ${physicalId}: each cluster needs an access entry for it (docs/kubernetes/access-entry.md)`,
    );
  return [...addresses, ...roles];
}

function nextSteps({ stage, mode }: Deployed): string[] {
  const options = `--stage ${stage}`;
  return [
    `reflex smoke ${options}    asks every function what it would do`,
    `reflex notify ${options}   sends a test message on every route`,
    `reflex status ${options}   shows what needs a person, and each resource with its decision`,
    ...(mode === "observe"
      ? [
          "mode is observe: nothing is changed yet. Set `mode: act`, for all or for one resource, when you agree with the decisions",
        ]
      : []),
  ];
}

/** The mail addresses that have not confirmed their subscription to a topic of the stack. */
export async function unconfirmedAddresses(
  client: SNSClient,
  resources: readonly StackResource[],
): Promise<Unconfirmed[]> {
  const found: Unconfirmed[] = [];
  for (const { type, physicalId: TopicArn } of resources) {
    if (type !== "AWS::SNS::Topic") continue;
    for await (const { Subscriptions = [] } of paginateListSubscriptionsByTopic({ client }, { TopicArn })) {
      for (const { SubscriptionArn, Protocol, Endpoint = "" } of Subscriptions) {
        if (SubscriptionArn !== "PendingConfirmation" || !Protocol?.startsWith("email")) continue;
        found.push({ topicArn: TopicArn, address: Endpoint });
      }
    }
  }
  return found;
}
