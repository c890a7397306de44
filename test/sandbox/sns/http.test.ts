import { expect, test } from "vitest";
import { createClock } from "../../../sandbox/clock/clock.ts";
import { createSns, type Sns } from "../../../sandbox/sns/sns.ts";
import { readBody, serveHttp, serveService } from "../http-server.ts";
import { recordDeliveries } from "../recorded-deliveries.ts";

interface Received {
  readonly headers: NodeJS.Dict<string | string[]>;
  readonly body: string;
}

/** A topic with one subscribed URL that answers with the statuses given, then with 200. */
async function subscribed(statuses: number[] = [], attributes: Record<string, string> = {}) {
  const clock = createClock({ speed: 0, start: Date.UTC(2026, 10, 21, 10), onError: () => {} });
  let url = "";
  const sns: Sns = createSns({ clock, deliveries: recordDeliveries(), endpointUrl: () => url });
  url = await serveService(sns);
  const received: Received[] = [];
  const endpoint = await serveHttp(async (incoming, outgoing) => {
    received.push({ headers: incoming.headers, body: (await readBody(incoming)).toString("utf8") });
    outgoing.writeHead(statuses.shift() ?? 200).end();
  });
  const topicArn = sns.topics.create("notices").arn;
  const form = new URLSearchParams({
    Action: "Subscribe",
    TopicArn: topicArn,
    Protocol: "http",
    Endpoint: endpoint,
  });
  for (const [i, [key, value]] of Object.entries(attributes).entries()) {
    form.append(`Attributes.entry.${i + 1}.key`, key);
    form.append(`Attributes.entry.${i + 1}.value`, value);
  }
  await fetch(url, { method: "POST", body: form });
  await clock.advance(0);
  const confirm = async () => {
    await fetch(JSON.parse(received[0]?.body ?? "").SubscribeURL);
    received.length = 0;
  };
  return { sns, topicArn, received, confirm };
}

test("a URL is asked to confirm with a link", async () => {
  const { received, topicArn } = await subscribed();
  expect(received[0]?.headers["x-amz-sns-message-type"]).toBe("SubscriptionConfirmation");
  expect(JSON.parse(received[0]?.body ?? "")).toMatchObject({
    Type: "SubscriptionConfirmation",
    TopicArn: topicArn,
    Token: expect.stringMatching(/^[0-9a-f]{128}$/),
    SubscribeURL: expect.stringContaining("Action=ConfirmSubscription"),
  });
});

test("a URL gets nothing before it has visited the link", async () => {
  const { sns, topicArn, received } = await subscribed();
  await sns.publish(topicArn, { message: "hello" });
  expect(received).toHaveLength(1);
  expect(sns.published()[0]?.outcomes[0]?.result).toBe("not confirmed");
});

test("a confirmed URL gets the notification and its headers", async () => {
  const { sns, topicArn, received, confirm } = await subscribed();
  await confirm();
  await sns.publish(topicArn, { message: "hello", subject: "news" });
  expect(received[0]?.headers).toMatchObject({
    "x-amz-sns-message-type": "Notification",
    "x-amz-sns-topic-arn": topicArn,
    "content-type": "text/plain; charset=UTF-8",
  });
  expect(JSON.parse(received[0]?.body ?? "")).toMatchObject({
    Type: "Notification",
    TopicArn: topicArn,
    Subject: "news",
    Message: "hello",
    Timestamp: "2026-11-21T10:00:00.000Z",
    SigningCertURL: expect.any(String),
  });
});

test("raw delivery sends the message alone", async () => {
  const { sns, topicArn, received, confirm } = await subscribed([], { RawMessageDelivery: "true" });
  await confirm();
  await sns.publish(topicArn, { message: "hello" });
  expect(received[0]).toMatchObject({ body: "hello", headers: { "x-amz-sns-rawdelivery": "true" } });
});

test("a URL that fails for a moment is tried again", async () => {
  const { sns, topicArn, received, confirm } = await subscribed([200, 503, 503]);
  await confirm();
  await sns.publish(topicArn, { message: "hello" });
  expect([received.length, sns.published()[0]?.outcomes[0]?.result]).toEqual([3, "delivered"]);
});

test("a URL that keeps failing is given up after four attempts", async () => {
  const { sns, topicArn, received, confirm } = await subscribed([200, 503, 503, 503, 503]);
  await confirm();
  await expect(sns.publish(topicArn, { message: "hello" })).rejects.toThrow("HTTP 503");
  expect(received).toHaveLength(4);
});

test("a URL that refuses is not asked again", async () => {
  const { sns, topicArn, received, confirm } = await subscribed([200, 403]);
  await confirm();
  await expect(sns.publish(topicArn, { message: "hello" })).rejects.toThrow("HTTP 403");
  expect(received).toHaveLength(1);
});
