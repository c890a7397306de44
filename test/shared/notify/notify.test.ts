import { PublishCommand, SNSClient } from "@aws-sdk/client-sns";
import { mockClient } from "aws-sdk-client-mock";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { notification } from "../../../shared/notify/notification.ts";
import { createNotify } from "../../../shared/notify/notify.ts";
import { topicArn } from "../../../shared/notify/topic-arn.ts";
import { scaleOut } from "./notifications.ts";

const sns = mockClient(SNSClient);
const client = new SNSClient({ region: "us-east-1" });
const counted: string[] = [];
const context = {
  functionArn: "arn:aws:lambda:eu-west-1:111122223333:function:reflex-dev-reshard-streams",
  signal: new AbortController().signal,
  metrics: { count: (name: string) => void counted.push(name) },
};

beforeEach(() => {
  counted.length = 0;
  sns.reset();
  sns.on(PublishCommand).resolves({ MessageId: "1" });
});

/** What was published, once. */
async function published(message = scaleOut()) {
  await createNotify(client, "reflex-dev-notify")([message], context);
  const calls = sns.commandCalls(PublishCommand);
  expect(calls).toHaveLength(1);
  return calls[0]?.args[0].input;
}

describe("a notification", () => {
  it("goes to the topic of the function's own account and region", async () => {
    expect(await published()).toMatchObject({
      TopicArn: "arn:aws:sns:eu-west-1:111122223333:reflex-dev-notify",
      Subject: "orders: 2 to 4 shards (scale-out)",
    });
  });

  it("is text for mail, a line for a text message, and one JSON document for everything else", async () => {
    const { Message = "", MessageStructure } = (await published()) ?? {};
    const { default: document, email, sms, ...others } = JSON.parse(Message);
    expect(MessageStructure).toBe("json");
    expect(email).toMatch(/^orders: 2 -> 4 shards \(scale-out\)\n\nWho is hurt:/);
    expect(sms).toBe("orders: 2 to 4 shards (scale-out)");
    expect(others).toEqual({});
    expect(notification.parse(JSON.parse(document))).toEqual(scaleOut());
  });

  it("links to its heading of the runbook, in the mail too, where the config says at which address that is", async () => {
    vi.stubEnv("REFLEX_RUNBOOK", "https://wiki.example.com/docs/");
    const { Message = "" } = (await published()) ?? {};
    vi.unstubAllEnvs();
    const { default: document, email } = JSON.parse(Message);
    const href = "https://wiki.example.com/docs/runbook.md#undo-a-change";
    expect(email).toContain(`\nRunbook: ${href}\n`);
    expect(notification.parse(JSON.parse(document)).links).toEqual([{ text: "Runbook", href }]);
  });

  it("can be filtered by automation, resource, severity and state", async () => {
    expect((await published())?.MessageAttributes).toEqual({
      automation: { DataType: "String", StringValue: "reshard-streams" },
      resource: { DataType: "String.Array", StringValue: '["stream/orders"]' },
      severity: { DataType: "String.Array", StringValue: '["info"]' },
      state: { DataType: "String.Array", StringValue: '["action"]' },
    });
  });

  it("that is not of the schema is not published", async () => {
    const message = { ...scaleOut(), secret: "swordfish" };
    await expect(createNotify(client, "reflex-dev-notify")([message], context)).rejects.toThrow();
    expect(sns.calls()).toEqual([]);
  });

  it("that AWS refuses is an error by class that names the resource", async () => {
    sns.on(PublishCommand).rejects(Object.assign(new Error("no"), { name: "AuthorizationErrorException" }));
    await expect(createNotify(client, "reflex-dev-notify")([scaleOut()], context)).rejects.toMatchObject({
      name: "Blocked",
      call: "sns:Publish",
      resource: "stream/orders",
    });
  });

  it("that was not published is counted: an alarm watches that", async () => {
    sns.on(PublishCommand).rejects(Object.assign(new Error("no"), { name: "AuthorizationErrorException" }));
    await expect(createNotify(client, "reflex-dev-notify")([scaleOut()], context)).rejects.toThrow();
    expect(counted).toEqual(["NotificationFailures"]);
  });

  it("that was published counts as no failure", async () => {
    await published();
    expect(counted).toEqual([]);
  });

  it("is given up when the time is over", async () => {
    await published();
    const options: unknown = sns.commandCalls(PublishCommand)[0]?.args.at(1);
    expect(Reflect.get(Object(options), "abortSignal")).toBe(context.signal);
  });
});

describe("what is larger than SNS takes", () => {
  /** Bytes as SNS counts them: the renderings and the attributes. */
  const sizes = () =>
    sns
      .commandCalls(PublishCommand)
      .map(({ args: [{ input }] }) =>
        [
          input.Message,
          ...Object.entries(input.MessageAttributes ?? {}).flatMap(([name, { DataType, StringValue }]) => [
            name,
            DataType,
            StringValue,
          ]),
        ]
          .map((text = "") => Buffer.byteLength(text))
          .reduce((sum, bytes) => sum + bytes, 0),
      );
  const documents = () =>
    sns
      .commandCalls(PublishCommand)
      .map(({ args: [{ input }] }) =>
        notification.parse(JSON.parse(JSON.parse(input.Message ?? "").default)),
      );

  it("together goes in several messages, in order, each of them whole", async () => {
    const all = Array.from({ length: 300 }, (_, at) => ({
      ...scaleOut(),
      id: `id-${at}`,
      resource: `stream/${"ü".repeat(60)}-${at}`,
      reasons: ['\u0001 "quoted" '.repeat(60)],
    }));
    await createNotify(client, "reflex-dev-notify")(all, context);
    expect(sizes().length).toBeGreaterThan(1);
    expect(Math.max(...sizes())).toBeLessThan(262_144);
    expect(documents().flatMap(({ notifications = [] }) => notifications.map(({ id }) => id))).toEqual(
      all.map(({ id }) => id),
    );
  });

  it("alone is cut where it is long, and holds back nothing: what happened and what was done stay", async () => {
    const pods = Array.from({ length: 1000 }, (_, at) => ({
      name: `shop/web-${at}`,
      value: "\u0001".repeat(300),
    }));
    const large = { ...scaleOut(), resourceMetrics: pods, reasons: ["r".repeat(300_000)] };
    await createNotify(client, "reflex-dev-notify")([large, scaleOut()], context);
    expect(Math.max(...sizes())).toBeLessThan(262_144);
    const [cut, other] = documents();
    const { headline, done, id } = large;
    expect(cut).toMatchObject({ headline, done, id });
    expect(cut?.resourceMetrics.at(-1)).toEqual({
      name: expect.stringMatching(/^\d+ more$/),
      value: "see the log",
    });
    expect(other ?? cut?.notifications?.at(-1)).toMatchObject({ reasons: scaleOut().reasons });
  });
});

describe("the ARN of a topic", () => {
  it.each([
    [
      "of a function",
      "arn:aws-cn:lambda:cn-north-1:111122223333:function:f",
      "us-east-1",
      "arn:aws-cn:sns:cn-north-1:111122223333:t",
    ],
    [
      "of a function with an alias",
      "arn:aws:lambda:eu-west-1:111122223333:function:f:live",
      undefined,
      "arn:aws:sns:eu-west-1:111122223333:t",
    ],
    [
      "without one is the sandbox's, in the client's region",
      undefined,
      "eu-west-1",
      "arn:aws:sns:eu-west-1:000000000000:t",
    ],
    ["without anything is the sandbox's", undefined, undefined, "arn:aws:sns:us-east-1:000000000000:t"],
  ])("%s", (_, functionArn, region, arn) => {
    expect(topicArn("t", functionArn, region)).toBe(arn);
  });
});
