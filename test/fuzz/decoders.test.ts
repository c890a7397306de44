import { readdirSync, readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import { asText } from "../../functions/check-sites/probe/http/body/charset.ts";
import { decode as decodeBody } from "../../functions/check-sites/probe/http/body/decode.ts";
import { ResponseParser } from "../../functions/check-sites/probe/http/response-parser.ts";
import { ProbeError } from "../../functions/check-sites/probe/net/probe-error.ts";
import { planAlarm } from "../../functions/deliver-notifications/decide/alarm-incidents.ts";
import { NEW_ALARM } from "../../functions/deliver-notifications/model.ts";
import { alarmThreadEvent } from "../../functions/deliver-notifications/notify/alarm-notification.ts";
import { amazonQMessage } from "../../functions/deliver-notifications/notify/amazon-q.ts";
import { contentOf } from "../../functions/deliver-notifications/notify/content.ts";
import { pagerDutyEvent } from "../../functions/deliver-notifications/notify/pagerduty.ts";
import { slackMessage } from "../../functions/deliver-notifications/notify/slack.ts";
import { teamsMessage } from "../../functions/deliver-notifications/notify/teams.ts";
import { webhookRequest } from "../../functions/deliver-notifications/notify/webhook.ts";
import { notificationEvents } from "../../functions/deliver-notifications/run/thread-events.ts";
import { alarmChangeOf } from "../../functions/deliver-notifications/triggers/alarm-change.ts";
import { decodeTrigger } from "../../functions/deliver-notifications/triggers/event.ts";
import { ingestSchema } from "../../functions/ingest-events/config/policy.ts";
import { decode, type RecordFormat } from "../../functions/ingest-events/decode/decode.ts";
import { readKinesisEvent } from "../../functions/ingest-events/decode/kinesis-event.ts";
import { readAggregate } from "../../functions/ingest-events/decode/kpl.ts";
import { toWrite } from "../../functions/ingest-events/plan/item.ts";
import { aggregate } from "../../sandbox/kinesis/kpl-aggregate.ts";
import { csvHistory } from "../../scripts/backtest/history/csv.ts";
import { readMessage } from "../../scripts/redrive/message.ts";
import { parseSection } from "../../shared/config/load.ts";
import { parseConfigFile } from "../../shared/config/read-file.ts";
import type { KubernetesApi } from "../../shared/kubernetes/api/api.ts";
import { ListReader } from "../../shared/kubernetes/api/list/list-reader.ts";
import { listBudgets } from "../../shared/kubernetes/budget.ts";
import { listDaemonSets } from "../../shared/kubernetes/daemon-set.ts";
import { readDrainMark } from "../../shared/kubernetes/drain-mark.ts";
import { parseNode } from "../../shared/kubernetes/node.ts";
import { parsePod } from "../../shared/kubernetes/pod.ts";
import { parseProviderId } from "../../shared/kubernetes/provider-id.ts";
import { milliCpu, wholeUnits } from "../../shared/kubernetes/quantity.ts";
import { listClaims, listStorageClasses } from "../../shared/kubernetes/storage/claim.ts";
import { listVolumeLimits } from "../../shared/kubernetes/storage/csi-node.ts";
import { listBoundVolumes } from "../../shared/kubernetes/storage/volume.ts";
import { Misconfigured, ReflexError, RetryLater } from "../../shared/lambda/errors.ts";
import { readDecision, readEntry, readHistory } from "../../shared/ledger/items.ts";
import { decodeTriggers } from "../../shared/triggers/decode.ts";
import { BadPattern, compilePattern } from "../../shared/triggers/event-pattern.ts";
import { APPEND_ONCE, LATEST } from "../functions/ingest-events/policies.ts";
import { kinesisRecord, PLACE } from "../functions/ingest-events/records.ts";
import { mutated, mutatedBytes, mutatedText, RUNS } from "./mutations.ts";
import { CONFIG, ENTRY, HEAD_ITEM, KUBERNETES } from "./samples.ts";

/**
 * Every decoder of what others write: whatever it is given, it answers, or throws an error of the class that says what to
 * do. A TypeError or a RangeError would be neither.
 */
type ErrorClass = abstract new (...args: never[]) => Error;

async function holds<T>(
  inputs: fc.Arbitrary<T>,
  decoder: (input: T) => unknown,
  ...mayThrow: readonly ErrorClass[]
): Promise<void> {
  await fc.assert(
    fc.asyncProperty(inputs, async (input) => {
      try {
        await decoder(input);
      } catch (error) {
        if (!mayThrow.some((one) => error instanceof one)) throw error;
      }
    }),
    { numRuns: RUNS },
  );
}

vi.setConfig({ testTimeout: 30_000 + RUNS * 30 });

describe("the samples", () => {
  it("are what the decoders take", async () => {
    expect(notificationEvents(JSON.parse(NOTIFICATION))).toHaveLength(1);
    expect(ALARMS.map(alarmChangeOf)).not.toContain(undefined);
    expect(readEntry({ body: { S: JSON.stringify(ENTRY) } })).toEqual(ENTRY);
    expect(readHistory("stream/orders", [HEAD_ITEM])).toMatchObject({ version: 3, pending: ENTRY.intent });
    expect(readDrainMark(parseNode(KUBERNETES.node))).toMatchObject({ nodePool: "p" });
    expect(parsePod(KUBERNETES.pod)).toMatchObject({ name: "a" });
    expect(await listBoundVolumes(answering({ items: [KUBERNETES.volume] }))).toHaveLength(1);
  });
});

describe("records of a stream", () => {
  const event = '{"id":"a","v":1050118621198921728,"x":[null,true,{"y":"é"}],"n":-0.5e-3}';
  const change = `{"eventName":"MODIFY","dynamodb":{"Keys":{"id":{"S":"a"}},"NewImage":{"id":{"S":"a"},"v":{"N":"1"},"l":{"L":[{"NULL":true},{"SS":["x"]}]}}}}`;
  const debezium =
    '{"schema":{},"payload":{"op":"u","before":null,"after":{"id":"a","v":1},"source":{"lsn":7}}}';
  const logs =
    '{"messageType":"DATA_MESSAGE","owner":"1","logEvents":[{"id":"a","timestamp":5,"message":"m"}]}';
  const kpl = aggregate([event, event].map((data) => ({ partitionKey: "k", data: Buffer.from(data) })));
  const formats: readonly RecordFormat[] = [
    { format: "json", explode: undefined },
    { format: "json", explode: "lines" },
    { format: "json", explode: "array" },
    { format: "json", explode: ["data", "records"] },
    { format: "cloudwatch-logs", explode: undefined },
    { format: "dynamodb-stream", explode: undefined },
    { format: "debezium", explode: "lines" },
  ];
  const samples = [event, `${event}\r\n${event}`, `[${event},${event}]`, `{"data":{"records":[${event}]}}`];
  const all = [...samples, change, debezium, logs];

  it.each(formats)("are events, poison or dropped: $format, $explode", (format) =>
    holds(mutatedBytes(...all, ...all.map((text) => gzipSync(text)), kpl), (bytes) => {
      const decoded = [...decode([kinesisRecord(bytes)], format)];
      // None is skipped in silence.
      expect(decoded.length).toBeGreaterThan(0);
      for (const one of decoded) {
        if (!("event" in one)) continue;
        for (const policy of [APPEND_ONCE, LATEST]) {
          const write = toWrite(one, policy, PLACE);
          // What becomes an item is an item's JSON.
          if ("item" in write) write.item.attributes;
        }
      }
    }),
  );

  it("are aggregates of KPL only where all is right", () =>
    holds(mutatedBytes(kpl, kpl.subarray(4)), (bytes) => readAggregate(bytes)));

  it("come in an event of Lambda, or in none", () =>
    holds(
      mutated(...eventsOf("ingest-events").map((text) => JSON.parse(text))),
      (input) => readKinesisEvent(input),
      Misconfigured,
    ));

  it("are in the messages of the quarantine", () =>
    holds(
      mutatedText({
        reason: "r",
        detail: "d",
        ...PLACE,
        sequenceNumber: "1",
        partitionKey: "k",
        arrivedAt: "2026-01-01T00:00:00Z",
        payload: "e30=",
      }),
      (text) => readMessage(text),
    ));
});

/** DynamoDB answers a value of some type, not always of the one that is expected. */
const attribute: fc.Arbitrary<AttributeValue> = fc.oneof(
  fc.string().map((S) => ({ S })),
  fc.integer().map((N) => ({ N: String(N) })),
  fc.boolean().map((BOOL) => ({ BOOL })),
  fc.constant({ NULL: true as const }),
  fc.array(fc.string().map((S) => ({ S }))).map((L) => ({ L })),
  fc.dictionary(fc.string(), fc.constant({ S: "x" })).map((M) => ({ M })),
);

describe("what AWS sends", () => {
  it("is a trigger, or Misconfigured", () =>
    holds(
      mutated(
        ...[...eventsOf("reshard-streams"), ...eventsOf("scale-node-pools")].map((text) => JSON.parse(text)),
      ),
      (input) => decodeTriggers(input),
      Misconfigured,
    ));

  it("is a delivery of notifications, or Misconfigured", () =>
    holds(
      mutated(...eventsOf("deliver-notifications").map((text) => JSON.parse(text))),
      (input) => decodeTrigger(input),
      Misconfigured,
    ));

  it("are the ledger's items, or it says that they are none", () =>
    holds(
      fc.tuple(mutatedText(ENTRY), fc.dictionary(fc.constantFrom(...Object.keys(HEAD_ITEM)), attribute)),
      ([body, changes]) => {
        const item = { sk: { S: "entry#2026" }, body: { S: body } };
        readEntry(item);
        readDecision(body);
        readHistory("stream/orders", [item, { ...HEAD_ITEM, ...changes, sk: { S: "head" } }]);
        readHistory("stream/orders", [{ ...HEAD_ITEM, pending: { S: body } }]);
      },
      ReflexError,
    ));
});

describe("what the cluster answers", () => {
  it("is a node, or said to be none", () =>
    holds(mutated(KUBERNETES.node), (answer) => readDrainMark(parseNode(answer)), ReflexError));

  it("is a pod, or said to be none", () =>
    holds(mutated(KUBERNETES.pod), (answer) => parsePod(answer), ReflexError));

  it.each([
    ["budgets", listBudgets, KUBERNETES.budget],
    ["daemon sets", listDaemonSets, KUBERNETES.daemonSet],
    ["claims", listClaims, KUBERNETES.claim],
    ["storage classes", listStorageClasses, KUBERNETES.storageClass],
    ["limits of volumes", listVolumeLimits, KUBERNETES.csiNode],
    ["volumes", listBoundVolumes, KUBERNETES.volume],
  ])("is a list of %s, or said to be none", (_what, list, object) =>
    holds(mutated({ metadata: {}, items: [object] }), (answer) => list(answering(answer)), ReflexError),
  );

  it("is a quantity, or said to be none", () =>
    holds(
      fc.oneof(mutatedBytes("100m", "1.5Gi", "1e3", "12E", "-5k").map(String), fc.string()),
      (text) => {
        for (const read of [milliCpu, wholeUnits]) expect(Number.isFinite(read(text))).toBe(true);
        parseProviderId(text);
      },
      ReflexError,
    ));
});

describe("what a site answers", () => {
  const head =
    "HTTP/1.1 200 OK\r\ncontent-length: 2\r\nset-cookie: a=b; Path=/\r\nx-a: one\r\n two\r\n\r\nok";
  const chunked = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4;x=y\r\nbody\r\n0\r\nt: v\r\n\r\n";

  it("is read, or it is said what is wrong with it; in pieces as at once", () =>
    holds(fc.tuple(mutatedBytes(head, chunked, "HTTP/1.1 204\n\n"), fc.nat({ max: 80 })), ([bytes, at]) => {
      expect(parsed([bytes.subarray(0, at), bytes.subarray(at)])).toEqual(parsed([bytes]));
    }));

  it("has a body that opens, or it is said that it does not", () =>
    holds(
      fc.tuple(
        mutatedBytes(gzipSync("body"), "body"),
        fc.constantFrom("gzip", "br", "deflate", "gzip, gzip", "identity", undefined, "x"),
        fc.constantFrom("text/html; charset=latin1", "text/plain;charset=", "a/b; charset=nope", undefined),
      ),
      ([bytes, encoding, type]) => asText(decodeBody(bytes, encoding, 1_000), type),
      ProbeError,
    ));
});

/** What the parser hears of an answer that comes in these pieces. */
function parsed(pieces: readonly Buffer[]): object {
  const heard = { head: "", body: Buffer.alloc(0), error: "" };
  const parser = new ResponseParser("GET", {
    onHead: (head) => {
      heard.head = JSON.stringify(head);
    },
    onBody: (chunk) => {
      heard.body = Buffer.concat([heard.body, chunk]);
    },
    onIrregularity: () => {},
  });
  try {
    for (const piece of pieces) parser.push(piece);
    parser.end();
  } catch (error) {
    if (!(error instanceof ProbeError)) throw error;
    // The message quotes what had come by then.
    heard.error = error.reason;
  }
  return heard;
}

describe("what a person writes", () => {
  it("is a config, or it is said where it is none", () =>
    holds(
      mutatedBytes(CONFIG),
      (bytes) => parseSection(parseConfigFile(bytes.toString(), "dev.yml"), "ingest", ingestSchema),
      Misconfigured,
    ));

  it("is a history in CSV, or it is said where it is none", () =>
    holds(
      mutatedBytes('time,bytes,records\n2026-11-01T00:00:00Z,1,2\r\n"2026-11-01 00:01",3,4\n'),
      (bytes) => csvHistory(bytes.toString(), "history.csv"),
      Misconfigured,
    ));

  it("is an event pattern, or it is said that it is none", () =>
    holds(
      fc.tuple(
        mutated({
          kind: ["a", { prefix: "b" }],
          n: [{ numeric: [">", 1, "<=", 5] }, { exists: false }],
          o: { p: [{ "anything-but": ["x"] }, { cidr: "10.0.0.0/8" }] },
        }),
        mutated({ kind: "a", n: 5, o: { p: ["10.1.1.1"] } }),
      ),
      ([pattern, event]) => compilePattern(pattern)(event),
      BadPattern,
    ));
});

/** As an alarm on Reflex comes: by its topic, and by the event bus. */
const ALARMS: readonly unknown[] = [
  {
    ...{ AlarmName: "reflex-dev-watch-slo-freshness", AlarmDescription: "[page] Looks are stale." },
    ...{
      NewStateValue: "ALARM",
      NewStateReason: "2 datapoints",
      StateChangeTime: "2026-11-28T10:00:00.000+0000",
    },
    AlarmContributorAttributes: { Resource: "stream/orders" },
  },
  {
    "detail-type": "CloudWatch Alarm State Change",
    detail: {
      alarmName: "reflex-dev-watch-slo-freshness",
      state: { value: "ALARM", timestamp: "2026-11-28T10:05:00.000+0000", reason: "no datapoint" },
      configuration: { description: "[page] Looks are stale." },
    },
  },
];

const [{ body: NOTIFICATION }] = JSON.parse(eventsOf("deliver-notifications-queue")[0] ?? "").Records;

describe("a notification", () => {
  it("is delivered in the form of every target, or refused as none", () =>
    holds(
      mutated(JSON.parse(NOTIFICATION), ...ALARMS),
      (message) => {
        const change = alarmChangeOf(message);
        const place = { partition: "aws", region: "us-east-1" };
        if (change === "covered") return;
        const events = change
          ? planAlarm(NEW_ALARM, change).result.map((one) => alarmThreadEvent(change, one, place))
          : notificationEvents(message);
        const [first] = events;
        if (first === undefined) return;
        const content = contentOf(events, true);
        slackMessage(content);
        teamsMessage(content);
        amazonQMessage(events, content, { function: "approve-changes", region: "us-east-1" });
        pagerDutyEvent(first, "key", false);
        webhookRequest(first, "secret", 0);
      },
      Misconfigured,
    ));
});

function eventsOf(automation: string): readonly string[] {
  return readdirSync("events")
    .filter((file) => file.startsWith(automation))
    .map((file) => readFileSync(`events/${file}`, "utf8"));
}

/** A cluster whose every list is this. */
const answering = (answer: unknown): KubernetesApi => ({
  cluster: "c",
  call: async () => answer,
  list: async ({ kept }, take) => {
    const reader = new ListReader(kept);
    try {
      await take(reader.read(Buffer.from(JSON.stringify(answer) ?? "")));
      await take(reader.end());
    } catch (error) {
      if (error instanceof SyntaxError) throw new RetryLater("the list is none");
      throw error;
    }
    // No further page.
    return {};
  },
});
