import { arn, type Resource, ref } from "../cloudformation/resource.ts";
import { mailSubscriptions } from "../cloudformation/service-resources.ts";
import { topicPolicy } from "../cloudformation/tls-only.ts";
import { alarmName } from "./alarm.ts";

const OF_THIS_ACCOUNT = { StringEquals: { "aws:SourceAccount": ref("AWS::AccountId") } };
const CLOUDWATCH = { Service: "cloudwatch.amazonaws.com" };

/**
 * The topic that Reflex's own alarms notify, apart from what it publishes of its work. It has no key of its own, which
 * would be its largest cost: what it carries is names and states of alarms. CloudWatch may not publish under AWS's key for
 * SNS; under a customer key of the config it may where that key's policy admits cloudwatch.amazonaws.com.
 * https://repost.aws/knowledge-center/cloudwatch-receive-sns-for-alarm-trigger
 */
export function alarmTopic(emails: readonly string[], stage: string): Record<string, Resource> {
  return {
    WatchTopic: {
      Type: "AWS::SNS::Topic",
      Properties: { TopicName: `reflex-${stage}-watch` },
    },
    WatchTopicPolicy: topicPolicy(
      "WatchTopic",
      {
        Sid: "CloudWatchPublishes",
        Effect: "Allow",
        Principal: CLOUDWATCH,
        Action: "sns:Publish",
        Resource: ref("WatchTopic"),
        Condition: OF_THIS_ACCOUNT,
      },
      {
        Sid: "TheRulesPublish",
        Effect: "Allow",
        Principal: { Service: "events.amazonaws.com" },
        Action: "sns:Publish",
        Resource: ref("WatchTopic"),
        Condition: {
          ArnEquals: {
            "aws:SourceArn": [ruleName(stage), groupRuleName(stage)].map((name) =>
              arn("events", `rule/${name}`),
            ),
          },
        },
      },
    ),
    ...mailSubscriptions("WatchMail", "WatchTopic", emails),
    WatchIsOver: overRule(stage),
    WatchGroupIsOver: groupOverRule(stage),
  };
}

/**
 * Says that an alarm is over, and only that. A new alarm goes from INSUFFICIENT_DATA to OK with its first data: an OKAction
 * takes that for news, which would be a mail for each alarm after a first deploy. CloudWatch puts each change of state on the
 * default bus, with the state before, for nothing. An alarm on a heartbeat notifies at INSUFFICIENT_DATA, and its end
 * looks the same as the first data of a new one: it is not announced.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch-and-eventbridge.html
 */
const overRule = (stage: string): Resource =>
  rule(ruleName(stage), "Says that an alarm on Reflex is over", overPattern(stage), {
    InputPathsMap: {
      name: "$.detail.alarmName",
      at: "$.detail.state.timestamp",
      reason: "$.detail.state.reason",
    },
    InputTemplate: '"OK: <name> is over since <at>. <reason>"',
  });

/** The same for one resource of an alarm that fires for each by itself. */
const groupOverRule = (stage: string): Resource =>
  rule(
    groupRuleName(stage),
    "Says that an alarm on Reflex is over for one resource",
    groupOverPattern(stage),
    {
      InputPathsMap: {
        name: "$.detail.alarmName",
        resource: "$.detail.alarmContributor.attributes.Resource",
        at: "$.detail.state.timestamp",
      },
      InputTemplate: '"OK: <name> is over for <resource> since <at>."',
    },
  );

const rule = (
  Name: string,
  Description: string,
  EventPattern: object,
  InputTransformer: object,
): Resource => ({
  Type: "AWS::Events::Rule",
  Properties: {
    Name,
    Description,
    EventPattern,
    Targets: [{ Id: "topic", Arn: ref("WatchTopic"), InputTransformer }],
  },
});

const ruleName = (stage: string): string => `reflex-${stage}-watch-is-over`;
const groupRuleName = (stage: string): string => `reflex-${stage}-watch-is-over-for-one`;

/** A group is in ALARM or OK and nothing else: the first event of one is its ALARM. */
export const groupOverPattern = (stage: string) => ({
  source: ["aws.cloudwatch"],
  "detail-type": ["CloudWatch Alarm Contributor State Change"],
  detail: { alarmName: [{ prefix: alarmName(stage, "") }], state: { value: ["OK"] } },
});

/** From ALARM to OK, of Reflex's own alarms. */
export const overPattern = (stage: string) => ({
  source: ["aws.cloudwatch"],
  "detail-type": ["CloudWatch Alarm State Change"],
  detail: {
    alarmName: [{ prefix: alarmName(stage, "") }],
    state: { value: ["OK"] },
    previousState: { value: ["ALARM"] },
  },
});
