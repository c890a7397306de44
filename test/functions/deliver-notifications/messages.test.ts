import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, test } from "vitest";
import * as z from "zod";
import type { ThreadEvent } from "../../../functions/deliver-notifications/model.ts";
import { alarmThreadEvent } from "../../../functions/deliver-notifications/notify/alarm-notification.ts";
import { amazonQMessage } from "../../../functions/deliver-notifications/notify/amazon-q.ts";
import { contentOf, cut } from "../../../functions/deliver-notifications/notify/content.ts";
import { withLinks } from "../../../functions/deliver-notifications/notify/links.ts";
import { pagerDutyEvent } from "../../../functions/deliver-notifications/notify/pagerduty.ts";
import { slackMessage } from "../../../functions/deliver-notifications/notify/slack.ts";
import { teamsMessage } from "../../../functions/deliver-notifications/notify/teams.ts";
import { testEvents } from "../../../functions/deliver-notifications/notify/test-message.ts";
import { signatureOf, webhookRequest } from "../../../functions/deliver-notifications/notify/webhook.ts";
import { asText } from "../../../shared/notify/as-text.ts";
import { asSubject, notification } from "../../../shared/notify/notification.ts";
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

/** An alarm on Reflex itself, and its end: one that pages, and one that can wait. */
const alarmEvents = (name: string, description: string, resource?: string) => {
  const incident = {
    ...{ since: Date.parse("2026-11-21T10:43:00Z"), lastBadAt: 0, description },
    reason:
      "Threshold Crossed: no datapoints were received for 3 periods and 3 missing datapoints were treated as [Missing].",
    over: {
      at: Date.parse("2026-11-21T10:55:00Z"),
      state: "ok" as const,
      reason:
        "Threshold Crossed: 1 datapoint [0.0 (21/11/26 10:54:00)] was not greater than or equal to the threshold (1.0).",
    },
  };
  const place = { partition: "aws", region: "eu-central-1" };
  const links = { links: { runbook: "https://wiki.example.com/reflex/docs" } };
  return (["begin", "end"] as const).map((kind) => {
    const event = alarmThreadEvent(
      { alarm: `reflex-prod-watch-${name}`, resource },
      { kind, incident },
      place,
    );
    return { ...event, notification: withLinks(event.notification, links, place) };
  });
};
const [PAGE = BEGIN, PAGE_END = END] = alarmEvents(
  "slo-runs-check-sites",
  "[page] check-sites has not come to the end of a run for five minutes: every run fails, or none begins. It should run every minute. What to do: https://wiki.example.com/reflex/docs/runbook.md#sweep-not-running",
);
const [TICKET = BEGIN] = alarmEvents(
  "not-served",
  "[ticket] For 10 minutes a stream, node pool, cluster or site was not looked at, or what it needed was not done. What to do: docs/runbook.md#resource-not-served",
  "stream/orders",
);
/** `npm run notify -- test`. */
const [TEST = BEGIN, TEST_END = END] = testEvents(
  { name: "oncall", minSeverity: "error" },
  { pagerduty: { routingKey: { ssm: "/reflex/pagerduty" }, endpoint: "https://events.pagerduty.com" } },
  { id: "c0ffee00-0000-4000-8000-000000000000", at: Date.parse("2026-11-21T10:43:00Z") },
);

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
  ["slack", "slack-alarm", slackMessage(content([PAGE]))],
  ["slack", "slack-alarm-end", slackMessage(content([PAGE_END]))],
  ["slack", "slack-alarm-ticket", slackMessage(content([TICKET]))],
  ["teams", "teams-alarm", teamsMessage(content([PAGE]))],
  ["amazon-q", "amazon-q-alarm", amazonQMessage([PAGE], content([PAGE]), APPROVER)],
  ["pagerduty-alert", "pagerduty-alarm-trigger", pagerDutyEvent(PAGE, ROUTING_KEY, false).body],
  ["pagerduty-alert", "pagerduty-alarm-resolve", pagerDutyEvent(PAGE_END, ROUTING_KEY, false).body],
  ["webhook", "webhook-alarm", JSON.parse(webhookRequest(PAGE, "whsec_c2VjcmV0", 0).body)],
  ["slack", "slack-test", slackMessage(content([TEST]))],
  ["teams", "teams-test", teamsMessage(content([TEST]))],
  ["amazon-q", "amazon-q-test", amazonQMessage([TEST], content([TEST]), APPROVER)],
  ["pagerduty-alert", "pagerduty-test-trigger", pagerDutyEvent(TEST, ROUTING_KEY, false).body],
  ["pagerduty-alert", "pagerduty-test-resolve", pagerDutyEvent(TEST_END, ROUTING_KEY, false).body],
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

  it("is cut between characters, and not within an escape", () => {
    expect(cut("ab😀cd", 4)).toBe("ab…");
    expect(cut("ab&amp;cd", 6)).toBe("ab…");
    expect(cut("a&b", 3)).toBe("a&b");
    const emoji = incidentEvent(1, "begin", { headline: "😀".repeat(3000), reasons: ["<".repeat(5000)] });
    const message = slackMessage(content([emoji]));
    expect(JSON.stringify(message).isWellFormed()).toBe(true);
    expect(JSON.stringify(message)).not.toMatch(/\\ud8[0-9a-f]{2}(?!\\ud[c-f])/);
    expect(JSON.stringify(message)).not.toMatch(/&[a-z]{0,2}…/);
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

test.each([
  ["a test", "mail-test", TEST],
  ["an alarm on Reflex itself", "mail-alarm", PAGE],
  ["its end", "mail-alarm-end", PAGE_END],
])("%s as a mail", async (_, golden, { notification: one }) => {
  expect(notification.safeParse(one).success).toBe(true);
  await expect(`${asSubject(one)}\n\n${asText(one)}\n`).toMatchFileSnapshot(
    join(import.meta.dirname, "golden", `${golden}.txt`),
  );
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
