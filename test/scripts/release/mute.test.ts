import {
  CloudWatchClient,
  DeleteAlarmMuteRuleCommand,
  DescribeAlarmsCommand,
  PutAlarmMuteRuleCommand,
} from "@aws-sdk/client-cloudwatch";
import { mockClient } from "aws-sdk-client-mock";
import { expect, test } from "vitest";
import { muteRuleSchema } from "../../../sandbox/cloudwatch/alarms/mute-rules.ts";
import { muteAlarms } from "../../../scripts/release/mute.ts";
import { cloudWatchAt, MINUTE, START } from "../../sandbox/cloudwatch/cloudwatch-at.ts";

const alarms = (count: number) =>
  Array.from({ length: count }, (_, at) => ({ AlarmName: `reflex-prod-watch-${at}` }));

test("the stage's alarms are muted for as long as the release may take, a hundred a rule, and heard again at its end", async () => {
  const client = mockClient(CloudWatchClient);
  client.on(DescribeAlarmsCommand).resolves({ MetricAlarms: alarms(101) });
  client.on(DeleteAlarmMuteRuleCommand).resolves({});
  const notes: string[] = [];
  const mute = await muteAlarms(new CloudWatchClient({}), "prod", { minutes: 10, now: START }, (text) =>
    notes.push(text),
  );
  const put = client.commandCalls(PutAlarmMuteRuleCommand).map(({ args: [{ input }] }) => input);
  expect(put.map(({ Name, MuteTargets }) => [Name, MuteTargets?.AlarmNames?.length])).toEqual([
    ["reflex-prod-release-1", 100],
    ["reflex-prod-release-2", 1],
  ]);
  expect(put[0]?.Rule?.Schedule).toEqual({
    Expression: "at(2026-11-21T10:00)",
    Duration: "PT70M",
    Timezone: "UTC",
  });
  await mute.end();
  expect(client.commandCalls(DeleteAlarmMuteRuleCommand)).toHaveLength(2);
  expect(notes).toEqual([]);
});

test("a release that may not mute goes on, and says so", async () => {
  const client = mockClient(CloudWatchClient);
  client.on(DescribeAlarmsCommand).resolves({ MetricAlarms: alarms(1) });
  client
    .on(PutAlarmMuteRuleCommand)
    .rejects(Object.assign(new Error("not authorized"), { name: "AccessDeniedException" }));
  const notes: string[] = [];
  await muteAlarms(new CloudWatchClient({}), "prod", { minutes: 0, now: START }, (text) => notes.push(text));
  expect(notes).toEqual([
    "NOTE  The alarms are not muted: AccessDeniedException. They may notify while the deploy goes on.",
  ]);
});

test("a muted alarm changes its state and notifies nobody, until the rule has ended: what then stands notifies", async () => {
  const { clock, cloudwatch, deliveries } = cloudWatchAt();
  const topic = "arn:aws:sns:us-east-1:000000000000:pager";
  await cloudwatch.resources?.["AWS::CloudWatch::Alarm"]?.("A", {
    AlarmName: "a",
    ...{ Namespace: "Reflex", MetricName: "Bad", Statistic: "Sum", Period: 60 },
    ...{ EvaluationPeriods: 1, Threshold: 0, ComparisonOperator: "GreaterThanThreshold" },
    TreatMissingData: "notBreaching",
    AlarmActions: [topic],
  });
  cloudwatch.alarms.muteRules.put(
    muteRuleSchema.parse({
      Name: "release",
      Rule: { Schedule: { Expression: "at(2026-11-21T10:00)", Duration: "PT5M" } },
      MuteTargets: { AlarmNames: ["a"] },
    }),
  );
  for (let minute = 0; minute < 7; minute++) {
    cloudwatch.metrics.put("Reflex", "Bad", {}, { value: 1 }, "None", clock.now());
    await clock.advance(MINUTE);
    if (minute === 3) {
      expect(cloudwatch.alarms.get("a").state.value).toBe("ALARM");
      expect(deliveries.topics).toEqual([]);
    }
  }
  expect(deliveries.topics.map(({ arn }) => arn)).toEqual([topic]);
});

test("what CloudWatch would mute and the sandbox does not is refused", () => {
  const put = (Expression: string) => () =>
    muteRuleSchema.parse({
      Name: "nightly",
      Rule: { Schedule: { Expression, Duration: "PT5M" } },
      MuteTargets: { AlarmNames: ["a"] },
    });
  expect(put("cron(0 2 * * ? *)")).toThrow(/the sandbox mutes once and not by cron/);
});
