import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { Misconfigured } from "../../../shared/lambda/errors.ts";
import { decodeTriggers } from "../../../shared/triggers/decode.ts";
import type { AlarmMetric, AlarmTrigger } from "../../../shared/triggers/trigger.ts";

const EVENTS = join(import.meta.dirname, "../../../events");

const watched = (namespace: string, name: string, dimensions: Record<string, string>): AlarmMetric => ({
  namespace,
  name,
  dimensions,
});

/** What the alarm of `serverless.yml` for a stream watches, in the order it is written there. */
const metricsOf = (stream: string): AlarmMetric[] => [
  watched("AWS/Kinesis", "IncomingBytes", { StreamName: stream }),
  watched("AWS/Kinesis", "IncomingRecords", { StreamName: stream }),
  watched("AWS/Kinesis", "WriteProvisionedThroughputExceeded", { StreamName: stream }),
  watched("Reflex", "OpenShardCount", { service: "reshard-streams", StreamName: stream }),
];

const alarm = (via: AlarmTrigger["via"], stream = "sample"): AlarmTrigger => ({
  kind: "alarm",
  via,
  alarmName: `reflex-dev-stream-${stream}`,
  alarmArn: `arn:aws:cloudwatch:us-east-1:000000000000:alarm:reflex-dev-stream-${stream}`,
  state: "ALARM",
  at: Date.UTC(2026, 10, 21, 12, 5, 12, 921),
  metrics: metricsOf(stream),
});

const nothing = (why: RegExp) => ({ kind: "nothing", why: expect.stringMatching(why) });

/** Every sample event of reshard-streams and what it decodes to; a pattern is that of the error. */
const TABLE: Readonly<Record<string, readonly unknown[] | RegExp>> = {
  "reshard-streams-alarm-sns-metric-math.json": [alarm("sns")],
  "reshard-streams-alarm-sns-single-metric.json": [
    {
      ...alarm("sns"),
      alarmName: "sample-is-busy",
      alarmArn: "arn:aws:cloudwatch:us-east-1:000000000000:alarm:sample-is-busy",
      metrics: [watched("AWS/Kinesis", "IncomingRecords", { StreamName: "sample" })],
    },
  ],
  "reshard-streams-alarm-sns-two-streams.json": [alarm("sns"), alarm("sns", "orders")],
  "reshard-streams-alarm-sns-one-unreadable.json": [
    { kind: "unreadable", failure: expect.any(Misconfigured) },
    alarm("sns"),
  ],
  "reshard-streams-alarm-eventbridge.json": [alarm("eventbridge")],
  "reshard-streams-alarm-direct.json": [alarm("direct")],
  "reshard-streams-alarm-ok.json": [
    { ...alarm("eventbridge"), state: "OK", at: Date.UTC(2026, 10, 21, 12, 21, 12, 918) },
  ],
  "reshard-streams-composite-alarm.json": [nothing(/shop-is-slow is a composite alarm/)],
  "reshard-streams-alarm-contributor.json": [nothing(/busy-streams: one contributor of it changed/)],
  "reshard-streams-alarm-configuration-change.json": [
    nothing(/reflex-dev-stream-sample: its configuration was changed/),
  ],
  "reshard-streams-muted-alarm.json": [nothing(/reflex-dev-stream-sample is muted/)],
  "reshard-streams-schedule.json": [
    {
      kind: "schedule",
      at: Date.UTC(2026, 10, 21, 12, 6),
      rule: "arn:aws:events:us-east-1:000000000000:rule/reflex-dev-reshard-streams",
    },
  ],
  "reshard-streams-by-hand.json": [{ kind: "manual", of: "stream", name: "sample" }],
  "reshard-streams-by-hand-observe.json": [{ kind: "manual", of: "stream", name: "sample", mode: "observe" }],
  "reshard-streams-unknown.json": /no trigger Reflex knows \(keys: Records; records from "aws:s3"\)/,
};

describe("the sample events of reshard-streams", () => {
  it("are all in the table", () => {
    const files = readdirSync(EVENTS).filter((file) => file.startsWith("reshard-streams"));
    expect(files.sort()).toEqual(Object.keys(TABLE).sort());
  });

  it.each(Object.entries(TABLE))("%s", (file, expected) => {
    const event: unknown = JSON.parse(readFileSync(join(EVENTS, file), "utf8"));
    if (expected instanceof RegExp) expect(() => decodeTriggers(event)).toThrow(expected);
    else expect(decodeTriggers(event)).toEqual(expected);
  });
});
