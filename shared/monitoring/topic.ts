import { arn, type Resource, ref } from "../cloudformation/resource.ts";
import { mailSubscriptions } from "../cloudformation/service-resources.ts";
import { topicPolicy } from "../cloudformation/tls-only.ts";
import { type AlarmSpec, alarmName, severityTag, TOPIC_OF } from "./alarm.ts";

const OF_THIS_ACCOUNT = { StringEquals: { "aws:SourceAccount": ref("AWS::AccountId") } };
const CLOUDWATCH = { Service: "cloudwatch.amazonaws.com" };

/**
 * The topics that Reflex's own alarms notify, apart from what it publishes of its work: `watch` pages, `tickets` can wait for the
 * morning. They have no key of their own, which would be the largest cost: what they carry is names and states of alarms.
 * CloudWatch may not publish under AWS's key for SNS; under a customer key of the config it may where that key's policy
 * admits cloudwatch.amazonaws.com.
 * https://repost.aws/knowledge-center/cloudwatch-receive-sns-for-alarm-trigger
 */
export function alarmTopics(emails: readonly string[], stage: string): Record<string, Resource> {
  return {
    ...alarmTopic("WatchTopic", `reflex-${stage}-watch`, ruleNames("page", stage)),
    ...alarmTopic("TicketTopic", `reflex-${stage}-tickets`, ruleNames("ticket", stage)),
    ...mailSubscriptions("WatchMail", "WatchTopic", emails),
    ...mailSubscriptions("TicketMail", "TicketTopic", emails),
    WatchIsOver: overRule("page", stage),
    TicketIsOver: overRule("ticket", stage),
    TicketGroupIsOver: groupOverRule(stage),
  };
}

const alarmTopic = (id: string, TopicName: string, rules: readonly string[]): Record<string, Resource> => ({
  [id]: { Type: "AWS::SNS::Topic", Properties: { TopicName } },
  [`${id}Policy`]: topicPolicy(
    id,
    {
      Sid: "CloudWatchPublishes",
      Effect: "Allow",
      Principal: CLOUDWATCH,
      Action: "sns:Publish",
      Resource: ref(id),
      Condition: OF_THIS_ACCOUNT,
    },
    {
      Sid: "TheRulesPublish",
      Effect: "Allow",
      Principal: { Service: "events.amazonaws.com" },
      Action: "sns:Publish",
      Resource: ref(id),
      Condition: { ArnEquals: { "aws:SourceArn": rules.map((name) => arn("events", `rule/${name}`)) } },
    },
  ),
});

/**
 * Says that an alarm is over, and only that. A new alarm goes from INSUFFICIENT_DATA to OK with its first data: an OKAction
 * announces that too, which would be a mail for each alarm after a first deploy. CloudWatch puts each change of state on the
 * default bus, with the state before, for nothing. An alarm on a heartbeat notifies at INSUFFICIENT_DATA, and its end
 * looks the same as the first data of a new one: it is not announced.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch-and-eventbridge.html
 */
const overRule = (severity: AlarmSpec["severity"], stage: string): Resource =>
  rule(
    ruleName(severity, stage),
    "Says that an alarm on Reflex is over",
    overPattern(severity, stage),
    severity,
    {
      InputPathsMap: {
        name: "$.detail.alarmName",
        at: "$.detail.state.timestamp",
        reason: "$.detail.state.reason",
      },
      InputTemplate: '"OK: <name> is over since <at>. <reason>"',
    },
  );

/** The same for one resource of an alarm that fires for each by itself. */
const groupOverRule = (stage: string): Resource =>
  rule(
    groupRuleName(stage),
    "Says that an alarm is over for one resource",
    groupOverPattern(stage),
    "ticket",
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
  severity: AlarmSpec["severity"],
  InputTransformer: object,
): Resource => ({
  Type: "AWS::Events::Rule",
  Properties: {
    Name,
    Description,
    EventPattern,
    Targets: [{ Id: "topic", Arn: ref(TOPIC_OF[severity]), InputTransformer }],
  },
});

const ruleName = (severity: AlarmSpec["severity"], stage: string): string =>
  `reflex-${stage}-${severity}-is-over`;
const groupRuleName = (stage: string): string => `reflex-${stage}-ticket-is-over-for-one`;
const ruleNames = (severity: AlarmSpec["severity"], stage: string): readonly string[] =>
  severity === "page" ? [ruleName(severity, stage)] : [ruleName(severity, stage), groupRuleName(stage)];

/** From ALARM to OK, of Reflex's own alarms that notify that topic: their descriptions begin with the severity. */
export const overPattern = (severity: AlarmSpec["severity"], stage: string) => ({
  source: ["aws.cloudwatch"],
  "detail-type": ["CloudWatch Alarm State Change"],
  detail: {
    alarmName: [{ prefix: alarmName(stage, "") }],
    configuration: { description: [{ prefix: severityTag(severity) }] },
    state: { value: ["OK"] },
    previousState: { value: ["ALARM"] },
  },
});

/** A group is in ALARM or OK and nothing else: the first event of one is its ALARM. */
export const groupOverPattern = (stage: string) => ({
  source: ["aws.cloudwatch"],
  "detail-type": ["CloudWatch Alarm Contributor State Change"],
  detail: { alarmName: [{ prefix: alarmName(stage, "") }], state: { value: ["OK"] } },
});

/** To OK, from whichever state, or deleted: of every alarm on Reflex itself and of each resource of one. */
export const wellPattern = (stage: string) => ({
  source: ["aws.cloudwatch"],
  "detail-type": [
    "CloudWatch Alarm State Change",
    "CloudWatch Alarm Contributor State Change",
    "CloudWatch Alarm Configuration Change",
  ],
  detail: {
    alarmName: [{ prefix: alarmName(stage, "") }],
    $or: [{ state: { value: ["OK"] } }, { operation: ["delete"] }],
  },
});
