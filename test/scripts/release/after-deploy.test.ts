import {
  CloudFormationClient,
  ListStackResourcesCommand,
  type ResourceStatus,
} from "@aws-sdk/client-cloudformation";
import { ListSubscriptionsByTopicCommand, SNSClient } from "@aws-sdk/client-sns";
import { mockClient } from "aws-sdk-client-mock";
import { describe, expect, it } from "vitest";
import { afterDeploy, unconfirmedAddresses } from "../../../scripts/release/after-deploy.ts";
import { stackContents } from "../../../scripts/release/stack-contents.ts";

const TOPIC = "arn:aws:sns:us-east-1:000000000000:reflex-dev-notify";
const LEDGER = { type: "AWS::DynamoDB::Table", physicalId: "reflex-dev-ledger" };
const QUEUE = {
  type: "AWS::SQS::Queue",
  physicalId: "https://sqs.us-east-1.amazonaws.com/000000000000/reflex-dev-failed-events",
};
const ROLE = { type: "AWS::IAM::Role", physicalId: "reflex-dev-drain-nodes-us-east-1" };
const NOTHING = { stage: "dev", mode: "act", before: [], after: [], unconfirmed: [] } as const;

describe("after a deploy", () => {
  it("names what was created that has a name of its own, and counts the rest", () => {
    const { created } = afterDeploy({ ...NOTHING, before: [LEDGER], after: [LEDGER, QUEUE, ROLE] });
    expect(created).toEqual([
      "queue reflex-dev-failed-events",
      "1 more: roles, alarms, rules, logs and the like",
    ]);
  });

  it("says that nothing was created where nothing was", () => {
    const { created } = afterDeploy({ ...NOTHING, before: [LEDGER], after: [LEDGER] });
    expect(created).toEqual(["nothing: what was there was updated"]);
  });

  it("names each address that gets nothing before it is confirmed", () => {
    const { confirm } = afterDeploy({
      ...NOTHING,
      unconfirmed: [{ topicArn: TOPIC, address: "on-call@example.com" }],
    });
    expect(confirm).toEqual([
      'on-call@example.com: gets nothing of reflex-dev-notify until the link in AWS\'s mail "Subscription Confirmation" is opened',
    ]);
  });

  it("names a role that clusters have to know, when it is new", () => {
    expect(afterDeploy({ ...NOTHING, after: [ROLE] }).confirm).toEqual([
      expect.stringContaining("reflex-dev-drain-nodes-us-east-1: each cluster needs an access entry"),
    ]);
    expect(afterDeploy({ ...NOTHING, before: [ROLE], after: [ROLE] }).confirm).toEqual([]);
  });

  it.each([
    ["observe", true],
    ["act", false],
  ] as const)("in mode %s it says that nothing is changed yet: %s", (mode, says) => {
    const { next } = afterDeploy({ ...NOTHING, stage: "prod", mode });
    expect(next[0]).toContain("reflex smoke --stage prod");
    expect(next.some((line) => line.includes("nothing is changed yet"))).toBe(says);
  });
});

describe("what a stack holds", () => {
  const cloudformation = mockClient(CloudFormationClient);
  const summary = (
    ResourceType: string,
    PhysicalResourceId: string,
    ResourceStatus: ResourceStatus = "CREATE_COMPLETE",
  ) => ({
    ...{ ResourceType, PhysicalResourceId, ResourceStatus, LogicalResourceId: "It" },
    LastUpdatedTimestamp: new Date(0),
  });

  it("is what nested stacks hold too, over all pages, without what is gone", async () => {
    const nested = summary("AWS::CloudFormation::Stack", "arn:nested");
    cloudformation
      .on(ListStackResourcesCommand, { StackName: "reflex-dev" })
      .resolves({ StackResourceSummaries: [nested], NextToken: "more" })
      .on(ListStackResourcesCommand, { StackName: "reflex-dev", NextToken: "more" })
      .resolves({ StackResourceSummaries: [summary(LEDGER.type, LEDGER.physicalId)] })
      .on(ListStackResourcesCommand, { StackName: "arn:nested" })
      .resolves({
        StackResourceSummaries: [
          summary(QUEUE.type, QUEUE.physicalId),
          summary(ROLE.type, ROLE.physicalId, "DELETE_COMPLETE"),
        ],
      });
    expect(await stackContents(new CloudFormationClient({}), "reflex-dev")).toEqual([QUEUE, LEDGER]);
  });

  it("is nothing where there is no stack; another error is not hidden", async () => {
    cloudformation.reset();
    cloudformation
      .on(ListStackResourcesCommand)
      .rejects(new Error("Stack with id reflex-dev does not exist"));
    expect(await stackContents(new CloudFormationClient({}), "reflex-dev")).toEqual([]);
    cloudformation.on(ListStackResourcesCommand).rejects(new Error("Rate exceeded"));
    await expect(stackContents(new CloudFormationClient({}), "reflex-dev")).rejects.toThrow("Rate exceeded");
  });
});

it("asks only topics for addresses, and leaves out those that are confirmed or no mail", async () => {
  const sns = mockClient(SNSClient);
  sns.on(ListSubscriptionsByTopicCommand, { TopicArn: TOPIC }).resolves({
    Subscriptions: [
      { SubscriptionArn: "PendingConfirmation", Protocol: "email", Endpoint: "on-call@example.com" },
      { SubscriptionArn: `${TOPIC}:1`, Protocol: "email", Endpoint: "confirmed@example.com" },
      { SubscriptionArn: "PendingConfirmation", Protocol: "https", Endpoint: "https://example.com" },
    ],
  });
  const resources = [LEDGER, { type: "AWS::SNS::Topic", physicalId: TOPIC }];
  expect(await unconfirmedAddresses(new SNSClient({}), resources)).toEqual([
    { topicArn: TOPIC, address: "on-call@example.com" },
  ]);
  expect(sns.calls()).toHaveLength(1);
});
