import * as z from "zod/mini";
import type { Account } from "../account.ts";
import { type Receiver, startReceiver } from "../receivers/receiver.ts";
import { type Demo, until } from "./demo.ts";
import { writeTemporaryConfig } from "./temporary-config.ts";

/** The demonstration of deliver-notifications, and what the account needs for it before it starts. */
export interface NotificationsDemo extends Demo {
  /** For `startAccount`: has notifications delivered to a receiver on this machine. */
  readonly environment: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** Ends the receiver. */
  stop(): Promise<void>;
}

const FUNCTION = "reflex-dev-deliver-notifications";
const SLACK = "/services/T000/B000/sandbox";
/** The site whose incident is shown. */
const SHOWN = "site/shop";

const slackMessage = z.object({
  text: z.string(),
  blocks: z.array(z.looseObject({ type: z.string(), text: z.optional(z.looseObject({ text: z.string() })) })),
});
const pagerEvent = z.looseObject({
  event_action: z.string(),
  dedup_key: z.string(),
  payload: z.looseObject({ summary: z.string(), severity: z.string(), source: z.string() }),
});

/** Starts a receiver that stands in for Slack and PagerDuty, and writes the config that routes to it. */
export async function prepareNotifications(): Promise<NotificationsDemo> {
  const receiver = await startReceiver();
  const to = [
    { slack: { webhook: { ssm: "/sandbox/slack" } } },
    { pagerduty: { routingKey: { ssm: "/sandbox/pagerduty" }, endpoint: receiver.url } },
  ];
  const routes = [{ name: "oncall", resources: ["site/*"], to }];
  const config = writeTemporaryConfig({ mode: "act", notify: { allow: ["127.0.0.0/8"], routes } });
  return {
    name: "deliver-notifications",
    environment: { [FUNCTION]: { REFLEX_CONFIG: config.file } },
    play: (account, say) => play(account, say, receiver),
    stop: async () => {
      config.remove();
      await receiver.stop();
    },
  };
}

async function play(
  account: Account,
  say: (line: string) => void,
  receiver: Receiver,
): Promise<readonly string[]> {
  account.ssm.put("/sandbox/slack", `${receiver.url}${SLACK}`);
  account.ssm.put("/sandbox/pagerduty", "0123456789abcdef0123456789abcdef");
  const [trigger, resolve] = await Promise.all(
    ["trigger", "resolve"].map((action) =>
      until(account, `PagerDuty gets the ${action} of ${SHOWN}`, 20, async () =>
        pagesOf(receiver).find(({ event_action }) => event_action === action),
      ),
    ),
  );
  if (!trigger || !resolve) return [];
  say(`${SHOWN}: PagerDuty was triggered and resolved, under one dedup_key`);
  const [message] = receiver
    .taken(SLACK)
    .map((body) => slackMessage.parse(body))
    .filter(({ text }) => text.includes("shop is DOWN"));
  return [
    `Slack (${receiver.taken(SLACK).length} messages), for example:`,
    ...(message?.blocks ?? []).flatMap(({ text }) =>
      (text?.text ?? "").split("\n").flatMap((line) => (line === "" ? [] : [`  | ${line}`])),
    ),
    `PagerDuty: ${trigger.event_action} ${trigger.payload.severity} "${trigger.payload.summary}", then ${resolve.event_action} "${resolve.payload.summary}", dedup_key ${trigger.dedup_key}${trigger.dedup_key === resolve.dedup_key ? "" : " AND ANOTHER"}`,
  ];
}

const pagesOf = (receiver: Receiver) =>
  receiver
    .taken("/v2/enqueue")
    .map((body) => pagerEvent.parse(body))
    .filter(({ payload }) => payload.source === SHOWN);
