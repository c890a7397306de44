/** One target that is broken: the others get everything, once, and what is wrong is said of that one. */

import { createServer, type RequestListener } from "node:http";
import { EventBridge, PutEventsCommand } from "@aws-sdk/client-eventbridge";
import { PublishCommand, SNSClient } from "@aws-sdk/client-sns";
import { mockClient } from "aws-sdk-client-mock";
import { beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { createPost } from "../../../functions/deliver-notifications/act/post.ts";
import { createSend } from "../../../functions/deliver-notifications/act/send.ts";
import { NEW_ALARM, NEW_THREAD } from "../../../functions/deliver-notifications/model.ts";
import { deliverMessage } from "../../../functions/deliver-notifications/run/deliver-message.ts";
import type { Dependencies } from "../../../functions/deliver-notifications/run/dependencies.ts";
import { type Receiver, startReceiver } from "../../../sandbox/receivers/receiver.ts";
import { classOf, type ReflexError } from "../../../shared/lambda/errors.ts";
import type { Run } from "../../../shared/lambda/run.ts";
import { parseRange } from "../../../shared/net/address-range.ts";
import { createHttpPost } from "../../../shared/net/http-post.ts";
import { notifySchema } from "../../../shared/routes/routes.ts";
import { secretRefs } from "../../../shared/routes/secret-refs.ts";
import { createCredentials } from "../../../shared/secrets/credentials.ts";
import { incidentEvent } from "./events.ts";
import { createMemoryStates } from "./memory-states.ts";

const LOCAL = [parseRange("127.0.0.0/8")];
const AT = incidentEvent(1, "begin").at;
const sns = mockClient(SNSClient);
const bridge = mockClient(EventBridge);
beforeEach(() => {
  sns.reset();
  sns.on(PublishCommand).resolves({});
  bridge.reset();
  bridge.on(PutEventsCommand).resolves({ FailedEntryCount: 0, Entries: [{ EventId: "1" }] });
});

interface World {
  readonly receiver: Receiver;
  /** By name; a test takes one away, or breaks it. */
  readonly secrets: Map<string, string>;
  /** Brings the beginning of an incident, as the queue does until nothing is left of it. */
  deliver(run?: Partial<Run>): Promise<readonly ReflexError[]>;
  /** What was taken, by target. */
  taken(): Record<string, number>;
}

async function aWorld(): Promise<World> {
  const receiver = await startReceiver();
  onTestFinished(() => receiver.stop());
  const { url } = receiver;
  const config = notifySchema.parse({
    routes: [
      {
        name: "oncall",
        to: [
          { pagerduty: { routingKey: { ssm: "/pagerduty" }, endpoint: url } },
          { slack: { webhook: { ssm: "/slack" } } },
          { teams: { webhook: { ssm: "/teams" } } },
          { webhook: { url: `${url}/own`, secret: { ssm: "/own" } } },
          { eventbridge: { bus: "ops" } },
          { sns: "arn:aws:sns:eu-west-1:111122223333:elsewhere" },
        ],
      },
    ],
  });
  const secrets = new Map([
    ["/pagerduty", "0123456789abcdef0123456789abcdef"],
    ["/slack", `${url}/slack\n`],
    ["/teams", `${url}/teams`],
    ["/own", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"],
  ]);
  const run = {
    ...{ clock: { now: () => AT }, signal: new AbortController().signal, remainingMs: () => 60_000 },
    ...{ log: { info: () => {}, warn: () => {}, error: () => {} }, metrics: { count: () => {} } },
    functionArn: "arn:aws:lambda:us-east-1:000000000000:function:reflex-dev-deliver-notifications",
  } as unknown as Run;
  const deps: Dependencies = {
    ...{ config, random: () => 0.5, sqs: {} as Dependencies["sqs"], approvalUrl: async () => "" },
    placeOf: () => ({ partition: "aws", region: "us-east-1" }),
    threads: createMemoryStates(NEW_THREAD),
    alarms: createMemoryStates(NEW_ALARM),
    credentials: createCredentials({ parameters: async () => secrets, secret: async () => "" }),
    send: createSend({
      ...{ sns: new SNSClient({ region: "us-east-1" }), stage: "dev", region: "us-east-1" },
      eventBridge: async () => new EventBridge({ region: "us-east-1" }),
      post: createPost(createHttpPost(LOCAL)),
    }),
  };
  const body = JSON.stringify(incidentEvent(1, "begin").notification);
  let now = AT;
  return {
    receiver,
    secrets,
    async deliver(more = {}) {
      // Secrets are kept for five minutes.
      now += 6 * 60_000;
      const credentials = await deps.credentials.read(secretRefs(config), now, run.signal);
      return deliverMessage(body, credentials, { ...run, ...more }, deps);
    },
    taken: () => ({
      ...{ pagerduty: receiver.taken("/v2/enqueue").length, slack: receiver.taken("/slack").length },
      ...{ teams: receiver.taken("/teams").length, webhook: receiver.taken("/own").length },
      ...{ eventbridge: bridge.commandCalls(PutEventsCommand).length },
      sns: sns.commandCalls(PublishCommand).length,
    }),
  };
}

const EACH_ONCE = { pagerduty: 1, slack: 1, teams: 1, webhook: 1, eventbridge: 1, sns: 1 };

test("all of them get it once, however often it comes", async () => {
  const world = await aWorld();
  expect([await world.deliver(), await world.deliver()]).toEqual([[], []]);
  expect(world.taken()).toEqual(EACH_ONCE);
});

describe("a secret that", () => {
  test.each(
    (["pagerduty", "slack", "teams", "webhook"] as const).flatMap((target) => [
      { target, found: undefined, said: "cannot be read" },
      { target, found: "", said: "is empty" },
      { target, found: " \n", said: "is empty" },
    ]),
  )("$target needs and that is $found", async ({ target, found, said }) => {
    const world = await aWorld();
    const name = target === "webhook" ? "/own" : `/${target}`;
    const right = world.secrets.get(name) ?? "";
    if (found === undefined) world.secrets.delete(name);
    else world.secrets.set(name, found);
    const failures = await world.deliver();
    expect(failures.map(String)).toEqual([expect.stringMatching(`${target}-.*${name}.*${said}.*for a day`)]);
    expect(world.taken()).toEqual({ ...EACH_ONCE, [target]: 0 });

    world.secrets.set(name, right);
    expect(await world.deliver()).toEqual([]);
    expect(world.taken()).toEqual(EACH_ONCE);
  });
  test.each([["no address"], ["ftp://127.0.0.1/x"], ["file:///etc/passwd"]])(
    "is no address to post to: %s",
    async (found) => {
      const world = await aWorld();
      world.secrets.set("/slack", found);
      expect((await world.deliver()).map(String)).toEqual([
        expect.stringMatching(/slack-.*the secret is no http\(s\) address: nothing was sent/),
      ]);
      expect(world.taken()).toEqual({ ...EACH_ONCE, slack: 0 });
    },
  );
});

describe("an answer that refuses is said, and the others are served", () => {
  const invalid = JSON.stringify({
    ...{ status: "invalid event", message: "Event object is invalid" },
    errors: ["Length of 'routing_key' is incorrect (should be 32 characters)"],
  });
  test.each([
    [
      "a PagerDuty key that is wrong",
      "/v2/enqueue",
      { status: 400, body: invalid },
      "Blocked",
      /Length of 'routing_key' is incorrect/,
    ],
    [
      "PagerDuty's 202 that takes nothing",
      "/v2/enqueue",
      { status: 202, body: invalid },
      "RetryLater",
      /invalid event/,
    ],
    [
      "a page of a proxy with 200",
      "/v2/enqueue",
      { status: 200, body: "<!DOCTYPE html><p>Sign in" },
      "RetryLater",
      /Sign in/,
    ],
    [
      "a Slack webhook that was revoked",
      "/slack",
      { status: 404, body: "no_service" },
      "Blocked",
      /404 \(no_service\)/,
    ],
    [
      "a Slack channel that is archived",
      "/slack",
      { status: 410, body: "channel_is_archived" },
      "Blocked",
      /410 \(channel_is_archived\)/,
    ],
    [
      "Teams' 200 that failed",
      "/teams",
      {
        status: 200,
        body: "Webhook message delivery failed with error: Microsoft Teams endpoint returned HTTP error 429",
      },
      "RetryLater",
      /HTTP error 429/,
    ],
    [
      "a redirect into the network",
      "/own",
      { status: 307, headers: { location: "http://10.0.0.1/" } },
      "Blocked",
      /answered 307/,
    ],
  ] as const)("%s", async (_, path, reply, expected, said) => {
    const world = await aWorld();
    world.receiver.replyNext(path, reply);
    const failures = await world.deliver();
    expect(failures.map(classOf)).toEqual([expected]);
    expect(String(failures[0])).toMatch(said);
    expect(await world.deliver()).toEqual([]);
    const { requests } = world.receiver;
    // The one that refused got it again; nobody else did.
    expect(requests.filter((one) => one.path === path)).toHaveLength(2);
    expect(requests.filter((one) => one.path !== path)).toHaveLength(3);
  });

  test("a bus that is not there", async () => {
    const world = await aWorld();
    bridge
      .on(PutEventsCommand)
      .resolvesOnce({
        FailedEntryCount: 1,
        Entries: [{ ErrorCode: "ResourceNotFoundException", ErrorMessage: "Event bus ops does not exist." }],
      })
      .resolves({ FailedEntryCount: 0, Entries: [{ EventId: "1" }] });
    expect((await world.deliver()).map(String)).toEqual([
      expect.stringMatching(/events:PutEvents for ops failed .*Event bus ops does not exist/),
    ]);
    expect(await world.deliver()).toEqual([]);
    expect(world.taken()).toEqual({ ...EACH_ONCE, eventbridge: 2 });
  });

  test("a bus that takes nothing and says no more than that", async () => {
    const world = await aWorld();
    bridge.on(PutEventsCommand).resolvesOnce({ FailedEntryCount: 1, Entries: [{}] });
    expect((await world.deliver()).map(classOf)).toEqual(["RetryLater"]);
  });

  test.each([
    ["of another region", "InvalidParameterException", "Invalid parameter: TopicArn", "Misconfigured"],
    [
      "of another account that does not let us in",
      "AuthorizationErrorException",
      "not authorized to perform: SNS:Publish",
      "Blocked",
    ],
  ])("a topic %s", async (_, name, message, expected) => {
    const world = await aWorld();
    sns
      .on(PublishCommand)
      .rejectsOnce(Object.assign(new Error(message), { name }))
      .resolves({});
    const failures = await world.deliver();
    expect(failures.map(classOf)).toEqual([expected]);
    expect(String(failures[0])).toContain(message);
    expect(await world.deliver()).toEqual([]);
    expect(world.taken()).toEqual({ ...EACH_ONCE, sns: 2 });
    expect(sns.commandCalls(PublishCommand)[0]?.args[0].input.TopicArn).toContain(":eu-west-1:111122223333:");
  });
});

describe("a receiver that hangs", () => {
  async function hanging(listener: RequestListener): Promise<string> {
    const server = createServer(listener);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => {
      server.closeAllConnections();
      server.close();
    });
    const address = server.address();
    return `http://127.0.0.1:${typeof address === "object" ? address?.port : 0}/`;
  }

  test("before it answers is tried again, and holds back nobody", async () => {
    const world = await aWorld();
    const limit = new AbortController();
    world.secrets.set("/slack", await hanging(() => limit.abort()));
    // The others have answered by then, or not: what is over is this run's time.
    await world.deliver({ signal: limit.signal });
    world.secrets.set("/slack", `${world.receiver.url}/slack`);
    expect(await world.deliver()).toEqual([]);
    expect(world.taken()).toMatchObject({ slack: 1 });
  });

  test("says so", async () => {
    const limit = new AbortController();
    const url = await hanging(() => limit.abort());
    await expect(
      createPost(createHttpPost(LOCAL))("slack-1", { url, headers: {}, body: "{}" }, {
        signal: limit.signal,
      } as Run),
    ).rejects.toThrow("slack-1 gave no answer in time: the notification stays in the queue");
  });

  test("in the middle of its answer has taken it: nothing is sent twice", async () => {
    const limit = new AbortController();
    const url = await hanging((_, response) => {
      response.writeHead(200).write("o");
      response.flushHeaders();
      setImmediate(() => response.destroy());
    });
    await createPost(createHttpPost(LOCAL))("slack-1", { url, headers: {}, body: "{}" }, {
      signal: limit.signal,
    } as Run);
  });
});
