import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CloudWatchClient, SetAlarmStateCommand } from "@aws-sdk/client-cloudwatch";
import { CreateEventBusCommand, EventBridgeClient } from "@aws-sdk/client-eventbridge";
import {
  CreateStreamCommand,
  DescribeStreamSummaryCommand,
  KinesisClient,
  PutRecordsCommand,
} from "@aws-sdk/client-kinesis";
import { CreateTopicCommand, SNSClient } from "@aws-sdk/client-sns";
import { expect, inject, onTestFinished, test } from "vitest";
import * as z from "zod/mini";
import { resourcesFor } from "../../functions/deliver-notifications/deploy/resources.ts";
import { type Account, startAccount } from "../../sandbox/account.ts";
import { clientFor } from "../../sandbox/demos/client.ts";
import { notPermitted } from "../../sandbox/iam/permissions.ts";
import { type Receiver, startReceiver } from "../../sandbox/receivers/receiver.ts";
import { TEMPLATE_FILE } from "../../sandbox/template/template.ts";
import type { Notification } from "../../shared/notify/notification.ts";
import { createNotify } from "../../shared/notify/notify.ts";
import { notifySchema } from "../../shared/routes/routes.ts";
import { reflex } from "./incidents/reflex-command.ts";
import { withOthersAsleep, withoutStreams } from "./setup/asleep.ts";

const FUNCTION = "reflex-dev-deliver-notifications";
/** Those that ask, and take the answer. */
const ASKING = ["reflex-dev-reshard-streams", "reflex-dev-approve-changes"];
const SECOND = 1000;
const MINUTE = 60 * SECOND;

const ROUTES = (receiver: string) => [
  { name: "nobody", resources: ["stream/quiet-*"], to: [{ none: true }] },
  {
    name: "oncall",
    minSeverity: "error",
    to: [
      { pagerduty: { routingKey: { ssm: "/reflex/pagerduty" }, endpoint: receiver } },
      { slack: { webhook: { ssm: "/reflex/slack" } } },
      { slack: { topic: "chat" } },
      { webhook: { url: `${receiver}/own`, secret: { ssm: "/reflex/own" } } },
      { eventbridge: { bus: "ops" } },
    ],
  },
  { name: "rest", to: [{ teams: { webhook: { ssm: "/reflex/teams" } } }] },
];

interface Delivering extends Account {
  readonly receiver: Receiver;
  /** The file of its config. */
  readonly config: string;
  publish(...notifications: readonly Notification[]): Promise<void>;
  seconds(count: number): Promise<void>;
}

interface DeliveringOptions {
  /** Sections beside `notify`, and keys in it. */
  readonly sections?: object;
  readonly notify?: object;
  /** What the logical ids of functions that are awake beside begin with. */
  readonly awake?: readonly string[];
}

async function startDelivering({
  sections = {},
  notify: more = {},
  awake = [],
}: DeliveringOptions = {}): Promise<Delivering> {
  const receiver = await startReceiver();
  onTestFinished(() => receiver.stop());
  const folder = mkdtempSync(join(tmpdir(), "reflex-notify-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const section = { allow: ["127.0.0.0/8"], routes: ROUTES(receiver.url), ...more };
  const file = join(folder, "config.json");
  writeFileSync(file, JSON.stringify({ mode: "act", ...sections, notify: section }));
  cpSync(inject("packageDir"), folder, { recursive: true });
  const packaged = readFileSync(join(folder, TEMPLATE_FILE), "utf8");
  const quiet = withOthersAsleep(packaged, "Deliver", "WatchIsOver", ...awake);
  const template = JSON.parse(awake.length > 0 ? quiet : withoutStreams(quiet));
  Object.assign(template.Resources, resourcesFor(notifySchema.parse(section), "dev"));
  writeFileSync(join(folder, TEMPLATE_FILE), JSON.stringify(template));
  const account = await startAccount({
    packageDir: folder,
    speed: 0,
    start: Math.floor(Date.now() / MINUTE) * MINUTE,
    environment: Object.fromEntries(
      [FUNCTION, ...(awake.length > 0 ? ASKING : [])].map((name) => [name, { REFLEX_CONFIG: file }]),
    ),
    log: (line) => console.error(line),
  });
  onTestFinished(() => account.stop());
  account.ssm.put("/reflex/pagerduty", "0123456789abcdef0123456789abcdef");
  account.ssm.put("/reflex/slack", `${receiver.url}/slack/T0/B0/secret`);
  account.ssm.put("/reflex/teams", `${receiver.url}/teams/secret`);
  account.ssm.put("/reflex/own", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
  const sns = new SNSClient(clientFor(account));
  await sns.send(new CreateTopicCommand({ Name: "chat" }));
  const bridge = new EventBridgeClient(clientFor(account));
  await bridge.send(new CreateEventBusCommand({ Name: "ops" }));
  bridge.destroy();
  onTestFinished(() => sns.destroy());
  const notify = createNotify(sns, "reflex-dev-notify");
  return {
    ...account,
    receiver,
    config: file,
    publish: (...notifications) =>
      notify(notifications, {
        functionArn: undefined,
        signal: new AbortController().signal,
        metrics: { count: () => {} },
      }),
    seconds: (count) => account.clock.advance(count * SECOND),
  };
}

/** An event of an incident that pages. */
function incidentEvent(account: Account, sequence: number, state: Notification["state"]): Notification {
  const at = new Date(account.clock.now()).toISOString();
  const id = "stream/orders/size/m1";
  return {
    id: `${id}/${sequence}`,
    at,
    automation: "reshard-streams",
    resource: "stream/orders",
    severity: "critical",
    state,
    incident: { id, sequence, code: "at-max", since: at, ...(state === "end" && { until: at }) },
    headline: `orders: at-max, event ${sequence}`,
    work: [{ name: "Refused records (producers)", value: "1,200" }],
    resourceMetrics: [],
    events: [],
    done: { what: "nothing" },
    reasons: ["the stream is at its max of 40 shards"],
  };
}

const pagerEvent = z.object({ event_action: z.string(), dedup_key: z.string(), routing_key: z.string() });
const pages = ({ receiver }: Delivering) =>
  receiver.taken("/v2/enqueue").map((body) => pagerEvent.parse(body));
const slackTexts = ({ receiver }: Delivering) =>
  receiver.taken("/slack/T0/B0/secret").map((body) => z.object({ text: z.string() }).parse(body).text);

test("an incident reaches every target of its route: its end after its beginning, under one key", async () => {
  const account = await startDelivering();
  await account.publish(incidentEvent(account, 1, "begin"));
  await account.seconds(2);
  await account.publish(incidentEvent(account, 2, "end"));
  await account.seconds(2);

  expect(pages(account).map(({ event_action }) => event_action)).toEqual(["trigger", "resolve"]);
  expect(new Set(pages(account).map(({ dedup_key }) => dedup_key)).size).toBe(1);
  expect(slackTexts(account)).toEqual(["CRITICAL: orders: at-max, event 1", "OVER: orders: at-max, event 2"]);
  const threads = account.sns
    .published()
    .filter(({ topicArn }) => topicArn.endsWith(":chat"))
    .map(({ message }) => JSON.parse(message).metadata.threadId);
  expect(threads).toEqual(["stream/orders/size/m1", "stream/orders/size/m1"]);
  expect(
    account.events.onBus("ops").map(({ detail }) => z.object({ state: z.string() }).parse(detail)),
  ).toEqual([{ state: "begin" }, { state: "end" }]);
  expect(account.receiver.taken("/own")).toHaveLength(2);
  expect(account.receiver.taken("/teams/secret")).toEqual([]);
  await pagesByRoutes(account);
  expect(notPermitted(account.calls.all(), account.lambda.configurations(), account.iam)).toEqual([]);
});

/** An alarm on Reflex itself pages by the routes and resolves; 31 alarms that are OK for the first time say nothing. */
async function pagesByRoutes(account: Delivering): Promise<void> {
  const before = account.receiver.requests.length;
  for (let minute = 0; minute < 3; minute += 1) await account.seconds(60);
  expect(account.receiver.requests.length).toBe(before);

  const alarm = "reflex-dev-watch-slo-freshness";
  const cloudwatch = new CloudWatchClient(clientFor(account));
  await cloudwatch.send(
    new SetAlarmStateCommand({ AlarmName: alarm, StateValue: "ALARM", StateReason: "a drill" }),
  );
  cloudwatch.destroy();
  const paged = () => pages(account).filter(({ dedup_key }) => dedup_key.startsWith(`alarm/${alarm}/`));
  // Its metrics are well, as it finds within a minute.
  for (let minute = 0; minute < 2; minute += 1) await account.seconds(60);
  expect(paged().map(({ event_action }) => event_action)).toEqual(["trigger", "resolve"]);
  expect(new Set(paged().map(({ dedup_key }) => dedup_key)).size).toBe(1);
  expect(slackTexts(account).slice(-2)).toEqual([
    expect.stringMatching(/^CRITICAL: Reflex: A stream, node pool/),
    expect.stringMatching(/^OVER: Reflex: over after /),
  ]);
  // Whoever is subscribed to the topic itself gets it too, without this function.
  const topic = account.sns.published().filter(({ topicArn }) => topicArn.endsWith(":reflex-dev-watch"));
  expect(topic.map(({ message }) => JSON.parse(message)).map((said) => said.NewStateValue ?? said)).toEqual([
    "ALARM",
    expect.stringMatching(/^OK: reflex-dev-watch-slo-freshness is over/),
  ]);
}

/** Where the tries of one target fall into two minutes, the alarm on notifications that do not arrive pages as well. */
const ABOUT_REFLEX = ": Reflex: ";
const ofIncident = (paged: ReturnType<typeof pages>) =>
  paged.filter(({ dedup_key }) => !dedup_key.startsWith("alarm/"));

test("what is refused comes again, once, and holds up what comes after it", async () => {
  const account = await startDelivering();
  const { receiver } = account;
  receiver.replyNext("/v2/enqueue", { status: 429, headers: { "retry-after": "30" } }, { status: 500 });
  await account.publish(incidentEvent(account, 1, "begin"));
  await account.seconds(5);
  expect(slackTexts(account)).toHaveLength(1);
  expect(pages(account)).toEqual([]);
  await account.publish(incidentEvent(account, 2, "end"));
  await account.seconds(20);
  // Nothing before the receiver's own time is up, and the end waits for the beginning.
  expect(receiver.requests.filter(({ path }) => path === "/v2/enqueue")).toHaveLength(1);
  for (let minute = 0; minute < 6; minute++) await account.seconds(60);
  expect(ofIncident(pages(account)).map(({ event_action }) => event_action)).toEqual(["trigger", "resolve"]);
  const texts = slackTexts(account).filter((text) => !text.includes(ABOUT_REFLEX));
  expect(texts).toEqual(["CRITICAL: orders: at-max, event 1", "OVER: orders: at-max, event 2"]);
});

test.each(["crash-before", "crash-after"] as const)(
  "a run that is killed at its write (%s) leaves nothing out, and repeats only what may not have arrived",
  async (kind) => {
    const account = await startDelivering();
    account.faults.inject({
      kind,
      service: "dynamodb",
      operation: "PutItem",
      functionName: FUNCTION,
      after: 2,
    });
    await account.publish(incidentEvent(account, 1, "begin"));
    await account.seconds(5);
    await account.publish(incidentEvent(account, 2, "end"));
    const isOver = () => slackTexts(account).includes("OVER: orders: at-max, event 2");
    for (let minute = 0; minute < 20 && !isOver(); minute++) await account.seconds(60);
    // What would come twice comes in the next minutes.
    for (let minute = 0; minute < 7; minute++) await account.seconds(60);
    const paged = ofIncident(pages(account));
    const actions = paged.map(({ event_action }) => event_action);
    expect(actions.at(-1)).toBe("resolve");
    expect(actions.filter((action) => action === "resolve")).toHaveLength(1);
    expect(new Set(paged.map(({ dedup_key }) => dedup_key)).size).toBe(1);
    const texts = slackTexts(account).filter((text) => !text.includes(ABOUT_REFLEX));
    expect(new Set(texts)).toEqual(
      new Set(["CRITICAL: orders: at-max, event 1", "OVER: orders: at-max, event 2"]),
    );
    expect(texts.indexOf("OVER: orders: at-max, event 2")).toBe(texts.length - 1);
  },
);

test("a test message goes to the targets of one route, marked; a change is asked for by a link, approved and made", async () => {
  const account = await startDelivering({
    sections: {
      streams: {
        orders: {
          max: 4,
          mode: "ask",
          scanIntervalMinutes: 1,
          shardCapacity: { recordsPerSecond: 0.15 },
          scaleOutAt: 0.85,
        },
      },
    },
    notify: { approvals: { secret: { ssm: "/reflex/approvals" } } },
    awake: ["ReshardDashstreams"],
  });
  account.ssm.put("/reflex/approvals", "a secret of this account");
  account.receiver.replyNext("/slack/T0/B0/secret", { status: 404, body: "no_service" });
  const { result } = await account.lambda.invoke(FUNCTION, { route: "oncall" });
  const answer = result.ok ? JSON.parse(result.payload) : result.error;
  expect(answer.targets.map(({ outcome }: { outcome: string }) => outcome)).toEqual([
    "delivered",
    expect.stringContaining("answered 404 (no_service)"),
    "delivered",
    "delivered",
    "delivered",
  ]);
  expect(pages(account).map(({ event_action }) => event_action)).toEqual(["trigger", "resolve"]);
  expect(account.receiver.requests.every(({ body }) => body.includes("TEST of the route oncall"))).toBe(true);

  const command = await reflex(account, "notify", "test", "--route", "rest");
  expect(command).toMatchObject({ code: 0, stderr: "" });
  expect(command.stdout).toMatch(/^route rest\n {2}ok {6}teams\S* {2}delivered\n$/);

  await approvesByLink(account);
});

const kinesisOf = async (account: Account, act: (kinesis: KinesisClient) => Promise<unknown>) => {
  const kinesis = new KinesisClient(clientFor(account));
  try {
    return await act(kinesis);
  } finally {
    kinesis.destroy();
  }
};
const openShards = async (account: Account): Promise<number | undefined> => {
  let open: number | undefined;
  await kinesisOf(account, async (kinesis) => {
    const { StreamDescriptionSummary } = await kinesis.send(
      new DescribeStreamSummaryCommand({ StreamName: "orders" }),
    );
    open = StreamDescriptionSummary?.OpenShardCount;
  });
  return open;
};

/** The whole path: traffic, a request in a chat, a scanner that follows its link, a person who approves, the change. */
async function approvesByLink(account: Delivering): Promise<void> {
  await kinesisOf(account, async (kinesis) => {
    await kinesis.send(new CreateStreamCommand({ StreamName: "orders", ShardCount: 1 }));
    await account.seconds(60);
    for (let minute = 0; minute < 2; minute += 1) {
      const Records = Array.from({ length: 15 }, (_, key) => ({
        PartitionKey: String(key),
        Data: Buffer.from("an order"),
      }));
      await kinesis.send(new PutRecordsCommand({ StreamName: "orders", Records }));
      await account.seconds(60);
    }
    for (let minute = 0; minute < 4; minute += 1) await account.seconds(60);
  });
  const asked = account.receiver.requests.filter(({ body }) => body.includes("asks to approve"));
  const [link = ""] = asked.flatMap(({ body }) => /http:[^"|)\s\\]+lambda-url[^"|)\s\\]+/.exec(body) ?? []);
  expect(link).toContain(`${account.url}/lambda-url/`);
  expect(await openShards(account)).toBe(1);

  // Scanners of mails follow links, and read forms; whoever has no signature gets nothing.
  const [read, head] = [await fetch(link), await fetch(link, { method: "HEAD" })];
  expect([read.status, head.status, (await read.text()).includes("Approve the change")]).toEqual([
    200,
    200,
    true,
  ]);
  const form = { answer: "approved", name: "Anna" };
  const forged = await fetch(link.replace(/signature=..../, "signature=AAAA"), {
    method: "POST",
    body: new URLSearchParams(form),
  });
  await account.seconds(60);
  expect([forged.status, await openShards(account)]).toEqual([403, 1]);

  const answers = [];
  for (let time = 0; time < 2; time += 1) {
    answers.push((await fetch(link, { method: "POST", body: new URLSearchParams(form) })).status);
  }
  expect(answers).toEqual([200, 409]);
  for (let minute = 0; minute < 3; minute += 1) await account.seconds(60);
  expect(await openShards(account)).toBe(2);
  const done = account.receiver.requests.filter(({ body }) => body.includes("approved by Anna (by link)"));
  expect(done.length).toBeGreaterThan(0);
  expect(notPermitted(account.calls.all(), account.lambda.configurations(), account.iam)).toEqual([]);
}
