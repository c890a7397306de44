import { type Resource, ref } from "../cloudformation/resource.ts";
import { mailSubscriptions } from "../cloudformation/service-resources.ts";
import { topicPolicy } from "../cloudformation/tls-only.ts";

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
    WatchTopicPolicy: topicPolicy("WatchTopic", {
      Sid: "CloudWatchPublishes",
      Effect: "Allow",
      Principal: CLOUDWATCH,
      Action: "sns:Publish",
      Resource: ref("WatchTopic"),
      Condition: OF_THIS_ACCOUNT,
    }),
    ...mailSubscriptions("WatchMail", "WatchTopic", emails),
  };
}
