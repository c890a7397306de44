import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, test } from "vitest";
import * as z from "zod";
import type { ThreadEvent } from "../../../functions/deliver-notifications/model.ts";
import { amazonQMessage } from "../../../functions/deliver-notifications/notify/amazon-q.ts";
import { contentOf } from "../../../functions/deliver-notifications/notify/content.ts";
import { pagerDutyEvent } from "../../../functions/deliver-notifications/notify/pagerduty.ts";
import { slackMessage } from "../../../functions/deliver-notifications/notify/slack.ts";
import { teamsMessage } from "../../../functions/deliver-notifications/notify/teams.ts";
import { signatureOf, webhookRequest } from "../../../functions/deliver-notifications/notify/webhook.ts";
import { notification } from "../../../shared/notify/notification.ts";
import { actionEvent, incidentEvent } from "./events.ts";

const ROUTING_KEY = "0123456789abcdef0123456789abcdef";

/** What is wrong with a message by the form that its vendor has published. */
function problems(vendor: string, message: unknown): string {
  const file = join(import.meta.dirname, "vendor-schemas", `${vendor}.json`);
  const parsed = z.fromJSONSchema(JSON.parse(readFileSync(file, "utf8"))).safeParse(message);
  return parsed.success ? "" : z.prettifyError(parsed.error);
}

const APPROVER = { function: "reflex-prod-approve-changes", region: "us-east-1" };

const content = (events: readonly ThreadEvent[]) => contentOf(events, false);
const BEGIN = incidentEvent(1, "begin");
const END = incidentEvent(2, "end");
/** A person is asked. */
const ASK = incidentEvent(1, "begin", {
  severity: "warning",
  headline: "orders: asks to approve 8 -> 4 shards (UpdateShardCount) until 2026-11-21 11:43 UTC",
  reasons: ["the peak of the last hour needs 2.9 shards' worth: 4 are enough"],
  costPerMonth: { before: 87.6, after: 43.8 },
  approval: {
    id: "stream/orders/mi9x2k40",
    until: "2026-11-21T11:43:00.000Z",
    approve: "reflex approve stream/orders/mi9x2k40 --stage prod",
    reject: "reflex reject stream/orders/mi9x2k40 --stage prod",
  },
  links: [
    {
      text: "Approve or reject",
      href: "https://abc.lambda-url.us-east-1.on.aws/?request=stream%2Forders%2Fmi9x2k40&expires=1&signature=x",
    },
  ],
});
const DIGEST = [
  BEGIN,
  actionEvent(),
  incidentEvent(3, "begin", { severity: "warning", headline: "clicks: hot key" }),
];

/** The form of a vendor, the messages it is sent, and the golden file of each. */
const MESSAGES: readonly (readonly [vendor: string, golden: string, message: unknown])[] = [
  ["slack", "slack-begin", slackMessage(content([BEGIN]))],
  ["slack", "slack-end", slackMessage(content([END]))],
  ["slack", "slack-action", slackMessage(content([actionEvent()]))],
  ["slack", "slack-digest", slackMessage(content(DIGEST))],
  ["teams", "teams-begin", teamsMessage(content([BEGIN]))],
  ["teams", "teams-end", teamsMessage(content([END]))],
  ["amazon-q", "amazon-q-begin", amazonQMessage([BEGIN], content([BEGIN]), APPROVER)],
  ["amazon-q", "amazon-q-end", amazonQMessage([END], content([END]), APPROVER)],
  ["slack", "slack-ask", slackMessage(content([ASK]))],
  ["teams", "teams-ask", teamsMessage(content([ASK]))],
  ["amazon-q", "amazon-q-ask", amazonQMessage([ASK], content([ASK]), APPROVER)],
  ["pagerduty-alert", "pagerduty-ask", pagerDutyEvent(ASK, ROUTING_KEY, false).body],
  ["pagerduty-alert", "pagerduty-trigger", pagerDutyEvent(BEGIN, ROUTING_KEY, false).body],
  ["pagerduty-alert", "pagerduty-resolve", pagerDutyEvent(END, ROUTING_KEY, false).body],
  ["pagerduty-change", "pagerduty-change", pagerDutyEvent(actionEvent(), ROUTING_KEY, false).body],
  ["webhook", "webhook", JSON.parse(webhookRequest(BEGIN, "whsec_c2VjcmV0", 0).body)],
];

describe("a message", () => {
  test.each(MESSAGES)("%s: %s has the form its vendor takes", async (vendor, golden, message) => {
    expect(problems(vendor, message)).toBe("");
    const text = `${JSON.stringify(message, undefined, 2)}\n`;
    await expect(text).toMatchFileSnapshot(join(import.meta.dirname, "golden", `${golden}.json`));
  });

  const HUGE = incidentEvent(1, "begin", {
    headline: "h".repeat(5000),
    reasons: Array.from({ length: 500 }, () => "r".repeat(5000)),
    work: Array.from({ length: 500 }, (_, at) => ({ name: `n${at}`, value: "v".repeat(5000) })),
    resourceMetrics: Array.from({ length: 500 }, (_, at) => ({ name: `n${at}`, value: "v".repeat(5000) })),
  });

  test.each([
    ["slack", slackMessage(content([HUGE]))],
    ["teams", teamsMessage(content([HUGE]))],
    ["amazon-q", amazonQMessage([HUGE], content([HUGE]), APPROVER)],
    ["pagerduty-alert", pagerDutyEvent(HUGE, ROUTING_KEY, false).body],
  ])("%s: is cut to what its vendor takes, however long the texts are", (vendor, message) => {
    expect(problems(vendor, message)).toBe("");
    expect(Buffer.byteLength(JSON.stringify(message))).toBeLessThan(28 * 1024);
  });

  it("is noticed when it has not the form: the schemas refuse something", () => {
    const { text: _text, ...without } = slackMessage(content([BEGIN]));
    expect(problems("slack", without)).not.toBe("");
    expect(problems("pagerduty-alert", pagerDutyEvent(actionEvent(), ROUTING_KEY, false).body)).not.toBe("");
  });

  it("says that it may be a repeat, where nobody knows", () => {
    expect(JSON.stringify(slackMessage(contentOf([BEGIN], true)))).toContain("may be a repeat");
  });
});

describe("PagerDuty", () => {
  const keyOf = (event: ThreadEvent): unknown =>
    Reflect.get(pagerDutyEvent(event, ROUTING_KEY, false).body, "dedup_key");
  it("has one dedup_key for an incident, within 255 characters", () => {
    expect(keyOf(BEGIN)).toBe(keyOf(END));
    expect(keyOf({ ...BEGIN, thread: "x".repeat(300) })).toHaveLength(64);
  });
  it("pages for something that was done only where somebody has to see to it", () => {
    const paths = (["info", "error"] as const).map(
      (severity) => pagerDutyEvent(actionEvent({ severity }), ROUTING_KEY, false).path,
    );
    expect(paths).toEqual(["/v2/change/enqueue", "/v2/enqueue"]);
  });
});

describe("a webhook", () => {
  it("is signed as the libraries of Standard Webhooks check it", () => {
    // The test vector of those libraries.
    const content = 'msg_p5jXN8AQM9LWM0D4loKWxJek.1614265330.{"test": 2432232314}';
    expect(signatureOf(content, "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")).toBe(
      "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    );
  });
  it("has an id that stays, a time of its own, and a document of the published schema", () => {
    const requests = [1_700_000_000_000, 1_700_000_060_000].map((now) =>
      webhookRequest(BEGIN, "secret", now),
    );
    const header = (name: string) => requests.map(({ headers }) => headers[name]);
    expect(new Set(header("webhook-id")).size).toBe(1);
    expect(header("webhook-id")[0]).toMatch(/^msg_[0-9a-f]{32}$/);
    expect(header("webhook-timestamp")).toEqual(["1700000000", "1700000060"]);
    expect(notification.parse(JSON.parse(requests[0]?.body ?? "").data)).toEqual(BEGIN.notification);
  });
});
