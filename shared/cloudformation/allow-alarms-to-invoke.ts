import { arn, arnOf, type Resource, ref } from "./resource.ts";

/**
 * Alarms of these names may wake the function.
 *
 * @param logicalId of the function
 * @param alarms a pattern
 */
export function allowAlarmsToInvoke(logicalId: string, alarms: string): Resource {
  return {
    Type: "AWS::Lambda::Permission",
    Properties: {
      FunctionName: arnOf(logicalId),
      Action: "lambda:InvokeFunction",
      Principal: "lambda.alarms.cloudwatch.amazonaws.com",
      SourceAccount: ref("AWS::AccountId"),
      SourceArn: arn("cloudwatch", `alarm:${alarms}`),
    },
  };
}
