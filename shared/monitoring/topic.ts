import { arnOf, type Resource, ref } from "../cloudformation/resource.ts";
import { mailSubscriptions } from "../cloudformation/service-resources.ts";
import { topicPolicy } from "../cloudformation/tls-only.ts";

const OF_THIS_ACCOUNT = { StringEquals: { "aws:SourceAccount": ref("AWS::AccountId") } };
const CLOUDWATCH = { Service: "cloudwatch.amazonaws.com" };

/**
 * The topic on which Reflex's own alarms call, apart from what it tells of its work. It has a key of its own, because
 * CloudWatch may not publish to a topic that is encrypted with AWS's key for SNS.
 * https://repost.aws/knowledge-center/cloudwatch-receive-sns-for-alarm-trigger
 */
export function alarmTopic(emails: readonly string[], stage: string): Record<string, Resource> {
  return {
    WatchTopic: {
      Type: "AWS::SNS::Topic",
      Properties: { TopicName: `reflex-${stage}-watch`, KmsMasterKeyId: arnOf("WatchKey") },
    },
    WatchTopicPolicy: topicPolicy("WatchTopic", {
      Sid: "CloudWatchPublishes",
      Effect: "Allow",
      Principal: CLOUDWATCH,
      Action: "sns:Publish",
      Resource: ref("WatchTopic"),
      Condition: OF_THIS_ACCOUNT,
    }),
    WatchKey: key(),
    ...mailSubscriptions("WatchMail", "WatchTopic", emails),
  };
}

function key(): Resource {
  return {
    Type: "AWS::KMS::Key",
    Properties: {
      Description: "Encrypts the topic of the alarms that watch Reflex",
      EnableKeyRotation: true,
      KeyPolicy: {
        Version: "2012-10-17",
        Statement: [
          {
            Sid: "TheAccountAdministersIt",
            Effect: "Allow",
            Principal: { AWS: { "Fn::Sub": "arn:${AWS::Partition}:iam::${AWS::AccountId}:root" } },
            Action: "kms:*",
            Resource: "*",
          },
          {
            Sid: "CloudWatchPublishesWithIt",
            Effect: "Allow",
            Principal: CLOUDWATCH,
            Action: ["kms:Decrypt", "kms:GenerateDataKey*"],
            Resource: "*",
            Condition: OF_THIS_ACCOUNT,
          },
        ],
      },
    },
  };
}
