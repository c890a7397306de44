import {
  ConfirmSubscriptionCommand,
  CreateTopicCommand,
  DeleteTopicCommand,
  GetSubscriptionAttributesCommand,
  GetTopicAttributesCommand,
  ListSubscriptionsByTopicCommand,
  ListSubscriptionsCommand,
  ListTopicsCommand,
  PublishBatchCommand,
  PublishCommand,
  type PublishCommandInput,
  SetSubscriptionAttributesCommand,
  SetTopicAttributesCommand,
  SNSClient,
  SubscribeCommand,
  type SubscribeCommandInput,
  UnsubscribeCommand,
} from "@aws-sdk/client-sns";
import { describe, expect, onTestFinished, test } from "vitest";
import { createClock } from "../../../sandbox/clock/clock.ts";
import { createSns } from "../../../sandbox/sns/sns.ts";
import { serveService } from "../http-server.ts";
import { recordDeliveries } from "../recorded-deliveries.ts";

const START = Date.UTC(2026, 10, 21, 10, 0, 0);
const TOPIC = "arn:aws:sns:us-east-1:000000000000:notices";
const FUNCTION = "arn:aws:lambda:us-east-1:000000000000:function:notify";

async function serve() {
  const clock = createClock({ speed: 0, start: START });
  const deliveries = recordDeliveries();
  const sns = createSns({ clock, deliveries, endpointUrl: () => "http://sandbox" });
  const client = new SNSClient({ endpoint: await serveService(sns) });
  onTestFinished(() => client.destroy());
  await client.send(new CreateTopicCommand({ Name: "notices" }));
  return {
    clock,
    deliveries,
    sns,
    client,
    subscribe: (input: Partial<SubscribeCommandInput>) =>
      client.send(
        new SubscribeCommand({ TopicArn: TOPIC, Protocol: "lambda", Endpoint: FUNCTION, ...input }),
      ),
    /** Publishes and waits until all is delivered. */
    async publish(input: Partial<PublishCommandInput>) {
      const answer = await client.send(new PublishCommand({ TopicArn: TOPIC, Message: "hello", ...input }));
      await clock.advance(0);
      return answer;
    },
  };
}

describe("topics", () => {
  test("are created once, whatever the number of calls", async () => {
    const { client } = await serve();
    const again = await client.send(new CreateTopicCommand({ Name: "notices" }));
    expect(again.TopicArn).toBe(TOPIC);
    expect((await client.send(new ListTopicsCommand({}))).Topics).toEqual([{ TopicArn: TOPIC }]);
  });

  test("keep their attributes and count their subscriptions", async () => {
    const { client, subscribe } = await serve();
    const name = { AttributeName: "DisplayName", AttributeValue: "Notices" };
    await client.send(new SetTopicAttributesCommand({ TopicArn: TOPIC, ...name }));
    await subscribe({});
    await subscribe({ Protocol: "email", Endpoint: "ops@example.com" });
    const { Attributes } = await client.send(new GetTopicAttributesCommand({ TopicArn: TOPIC }));
    expect(Attributes).toMatchObject({
      TopicArn: TOPIC,
      DisplayName: "Notices",
      SubscriptionsConfirmed: "1",
      SubscriptionsPending: "1",
    });
  });

  test("that are deleted take their subscriptions with them", async () => {
    const { client, subscribe } = await serve();
    await subscribe({});
    await client.send(new DeleteTopicCommand({ TopicArn: TOPIC }));
    expect((await client.send(new ListSubscriptionsCommand({}))).Subscriptions).toEqual([]);
  });

  test("that do not exist are NotFound", async () => {
    const { client } = await serve();
    const command = new GetTopicAttributesCommand({ TopicArn: `${TOPIC}-gone` });
    await expect(client.send(command)).rejects.toMatchObject({ name: "NotFoundException" });
  });

  test("refuse a name with a blank", async () => {
    const { client } = await serve();
    const command = new CreateTopicCommand({ Name: "two words" });
    await expect(client.send(command)).rejects.toMatchObject({ name: "InvalidParameterException" });
  });
});

describe("subscriptions", () => {
  test("of the same endpoint are one", async () => {
    const { subscribe } = await serve();
    const [first, second] = [await subscribe({}), await subscribe({})];
    expect(second.SubscriptionArn).toBe(first.SubscriptionArn);
  });

  test("are listed with their topic, protocol and endpoint", async () => {
    const { client, subscribe } = await serve();
    const { SubscriptionArn } = await subscribe({});
    const { Subscriptions } = await client.send(new ListSubscriptionsByTopicCommand({ TopicArn: TOPIC }));
    const owner = { Owner: "000000000000", TopicArn: TOPIC };
    expect(Subscriptions).toEqual([{ SubscriptionArn, Protocol: "lambda", Endpoint: FUNCTION, ...owner }]);
  });

  test("of a queue need no confirmation, and bring the message as it is where they are raw", async () => {
    const { subscribe, publish, deliveries } = await serve();
    const Endpoint = "arn:aws:sqs:us-east-1:000000000000:q";
    await subscribe({ Protocol: "sqs", Endpoint, Attributes: { RawMessageDelivery: "true" } });
    await publish({ Message: "as it is" });
    expect(deliveries.queues).toEqual([{ arn: Endpoint, body: "as it is" }]);
  });

  test("that are gone get nothing", async () => {
    const { client, subscribe, publish, deliveries } = await serve();
    const { SubscriptionArn } = await subscribe({});
    await client.send(new UnsubscribeCommand({ SubscriptionArn }));
    await publish({});
    expect(deliveries.functions).toEqual([]);
  });

  test.each([
    [
      { Protocol: "firehose", Endpoint: "arn:aws:firehose:us-east-1:000000000000:deliverystream/q" },
      'Protocol "firehose" is not simulated',
    ],
    [{ Endpoint: "http://example.com" }, "a lambda subscription takes a function's ARN"],
    [{ Attributes: { FilterPolicy: "{oops" } }, "FilterPolicy is no JSON"],
    [{ Attributes: { FilterPolicy: '{"a":[{"cidr":"10.0.0.0/8"}]}' } }, "expected one of exists"],
    [{ Attributes: { Colour: "red" } }, 'AttributeName "Colour"'],
  ])("refuse %j", async (input, message) => {
    const { subscribe } = await serve();
    await expect(subscribe(input)).rejects.toThrow(message);
  });
});

describe("a message", () => {
  test("reaches a function in the event that Lambda gives", async () => {
    const { subscribe, publish, deliveries } = await serve();
    const { SubscriptionArn } = await subscribe({});
    const text = 'a "message"\nof <two> & more lines';
    const { MessageId } = await publish({
      Message: text,
      Subject: "news",
      MessageAttributes: { stream: { DataType: "String", StringValue: "orders" } },
    });
    expect(deliveries.functions).toEqual([
      {
        arn: FUNCTION,
        event: {
          Records: [
            {
              EventSource: "aws:sns",
              EventVersion: "1.0",
              EventSubscriptionArn: SubscriptionArn,
              Sns: {
                Type: "Notification",
                MessageId,
                TopicArn: TOPIC,
                Subject: "news",
                Message: text,
                Timestamp: "2026-11-21T10:00:00.000Z",
                SignatureVersion: "1",
                Signature: expect.any(String),
                SigningCertUrl: expect.any(String),
                UnsubscribeUrl: expect.stringContaining("Action=Unsubscribe"),
                MessageAttributes: { stream: { Type: "String", Value: "orders" } },
              },
            },
          ],
        },
      },
    ]);
  });

  test("without a subject has null for it", async () => {
    const { subscribe, publish, deliveries } = await serve();
    await subscribe({});
    await publish({});
    expect(deliveries.functions[0]?.event).toMatchObject({ Records: [{ Sns: { Subject: null } }] });
  });

  test("may be another one for each protocol", async () => {
    const { subscribe, publish, deliveries } = await serve();
    await subscribe({});
    const Message = JSON.stringify({ default: "for all", lambda: "for functions" });
    await publish({ Message, MessageStructure: "json" });
    expect(deliveries.functions[0]?.event).toMatchObject({
      Records: [{ Sns: { Message: "for functions" } }],
    });
  });

  test("may come ten at a time, and a bad one stops no good one", async () => {
    const { client, sns } = await serve();
    const PublishBatchRequestEntries = [
      { Id: "good", Message: "a" },
      { Id: "bad", Message: "b", Subject: "two\nlines" },
    ];
    const answer = await client.send(
      new PublishBatchCommand({ TopicArn: TOPIC, PublishBatchRequestEntries }),
    );
    expect(answer.Successful).toEqual([{ Id: "good", MessageId: expect.any(String) }]);
    expect(answer.Failed).toMatchObject([{ Id: "bad", Code: "InvalidParameter" }]);
    expect(sns.published().map(({ message }) => message)).toEqual(["a"]);
  });

  test("is kept with what became of it", async () => {
    const { subscribe, publish, sns } = await serve();
    await subscribe({});
    await subscribe({ Protocol: "email", Endpoint: "ops@example.com" });
    await publish({ Subject: "news" });
    expect(sns.published()).toMatchObject([
      {
        topicArn: TOPIC,
        subject: "news",
        message: "hello",
        outcomes: [
          { protocol: "email", endpoint: "ops@example.com", result: "not simulated" },
          { protocol: "lambda", endpoint: FUNCTION, result: "delivered" },
        ],
      },
    ]);
  });

  test.each([
    [{ Message: "" }, "Empty message"],
    [{ Message: "x".repeat(262_145) }, "Message too long"],
    [{ Subject: "two\nlines" }, "printable ASCII"],
    [{ Message: '{"email":"x"}', MessageStructure: "json" }, "No default entry in JSON message body"],
    [{ Message: "no json", MessageStructure: "json" }, "JSON message body failed to parse"],
    [{ TopicArn: undefined, PhoneNumber: "+4100" }, "publishes to topics only"],
  ])("is refused with %j", async (input, message) => {
    const { publish } = await serve();
    await expect(publish(input)).rejects.toThrow(message);
  });
});

describe("a filter policy", () => {
  async function filtered(attributes: Record<string, string>) {
    const parts = await serve();
    await parts.subscribe({ Attributes: attributes });
    return parts;
  }

  test("lets messages with fitting attributes through", async () => {
    const { publish, deliveries } = await filtered({
      FilterPolicy: '{"kind":["decision"],"n":[{"numeric":[">",3]}]}',
    });
    const attributes = (kind: string, n: string) => ({
      MessageAttributes: {
        kind: { DataType: "String", StringValue: kind },
        n: { DataType: "Number", StringValue: n },
      },
    });
    await publish({ Message: "1", ...attributes("decision", "5") });
    await publish({ Message: "2", ...attributes("decision", "2") });
    await publish({ Message: "3", ...attributes("report", "5") });
    await publish({ Message: "4" });
    expect(deliveries.functions).toHaveLength(1);
  });

  test("may look at the body", async () => {
    const scope = { FilterPolicyScope: "MessageBody", FilterPolicy: '{"a":{"b":["x"]}}' };
    const { publish, deliveries } = await filtered(scope);
    await publish({ Message: '{"a":{"b":"x"}}' });
    await publish({ Message: '{"a":{"b":"y"}}' });
    await publish({ Message: "no json" });
    expect(deliveries.functions).toHaveLength(1);
  });

  test("can be set later", async () => {
    const { client, subscribe, publish, deliveries } = await serve();
    const { SubscriptionArn } = await subscribe({});
    const policy = { AttributeName: "FilterPolicy", AttributeValue: '{"kind":["x"]}' };
    await client.send(new SetSubscriptionAttributesCommand({ SubscriptionArn, ...policy }));
    await publish({});
    expect(deliveries.functions).toEqual([]);
    const { Attributes } = await client.send(new GetSubscriptionAttributesCommand({ SubscriptionArn }));
    expect(Attributes).toMatchObject({ FilterPolicy: '{"kind":["x"]}', PendingConfirmation: "false" });
  });
});

test("what an alarm publishes resolves when it is delivered, and fails with what failed", async () => {
  const clock = createClock({ speed: 0, start: START });
  const deliveries = {
    ...recordDeliveries(),
    toFunction: () => Promise.reject(new Error("no such function")),
  };
  const sns = createSns({ clock, deliveries });
  sns.topics.create("notices");
  sns.topics.subscribe(TOPIC, "lambda", FUNCTION);
  await expect(sns.publish(TOPIC, { message: "x" })).rejects.toThrow(`did not deliver to ${FUNCTION}`);
});

test("a token of another topic confirms nothing", async () => {
  const { client, sns } = await serve();
  const other = sns.topics.create("other").arn;
  const { token = "" } = sns.topics.subscribe(other, "email", "ops@example.com");
  const confirm = new ConfirmSubscriptionCommand({ TopicArn: TOPIC, Token: token });
  await expect(client.send(confirm)).rejects.toMatchObject({ name: "InvalidParameterException" });
});

describe("CloudFormation", () => {
  async function create(type: string, properties: Record<string, unknown>) {
    const { sns } = await serve();
    return { sns, created: await sns.resources?.[type]?.("Logical", properties) };
  }

  test("creates a topic with its subscriptions and says what is not simulated", async () => {
    const { sns, created } = await create("AWS::SNS::Topic", {
      KmsMasterKeyId: "alias/aws/sns",
      Subscription: [
        { Protocol: "lambda", Endpoint: FUNCTION },
        { Protocol: "email", Endpoint: "ops@example.com" },
      ],
    });
    const arn = "arn:aws:sns:us-east-1:000000000000:Logical";
    expect(created).toMatchObject({
      ref: arn,
      attributes: { TopicArn: arn, TopicName: "Logical" },
      notSimulated: [
        "No e-mail is sent to ops@example.com; the sandbox keeps what was published.",
        "The topic Logical is not encrypted here.",
      ],
    });
    expect(sns.topics.subscriptions(arn).map(({ endpoint }) => endpoint)).toEqual([
      FUNCTION,
      "ops@example.com",
    ]);
  });

  test("creates a subscription with its filter policy", async () => {
    const FilterPolicy = { kind: ["decision"] };
    const properties = { TopicArn: TOPIC, Protocol: "lambda", Endpoint: FUNCTION, FilterPolicy };
    const { sns, created } = await create("AWS::SNS::Subscription", properties);
    const attributes = sns.topics.subscription(created?.ref ?? "").attributes;
    expect(attributes.get("FilterPolicy")).toBe('{"kind":["decision"]}');
  });

  test("accepts a topic's policy and says that it is not enforced", async () => {
    const { created } = await create("AWS::SNS::TopicPolicy", { Topics: [TOPIC], PolicyDocument: {} });
    expect(created?.notSimulated).toEqual(["The policy Logical is not enforced: any caller may publish."]);
  });
});
