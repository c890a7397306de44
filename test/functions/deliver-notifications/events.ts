import type { ThreadEvent } from "../../../functions/deliver-notifications/model.ts";

const AT = "2026-11-21T10:43:00.000Z";
const THREAD = "stream/orders/size/mb3f1";

const common = {
  automation: "reshard-streams",
  resource: "stream/orders",
  work: [{ name: "Producers", value: "1,200 records were refused in the last minutes" }],
  resourceMetrics: [{ name: "Utilisation, recent peak", value: "118 %" }],
  events: [{ at: "2026-11-21T09:12:00.000Z", text: "kinesis:UpdateShardCount 20 -> 40, applied (alarm)" }],
};

type Overrides = Partial<ThreadEvent["notification"]>;

/** An event of an incident; its text has what chats treat as markup. */
export function incidentEvent(
  sequence: number,
  state: "begin" | "change" | "reminder" | "end",
  overrides: Overrides = {},
): ThreadEvent {
  const incident = {
    id: THREAD,
    sequence,
    code: "at-max",
    since: AT,
    ...(state === "end" && { until: "2026-11-21T11:13:00.000Z" }),
  };
  const notification = {
    id: `${THREAD}/${sequence}`,
    at: state === "end" ? "2026-11-21T11:18:00.000Z" : AT,
    ...common,
    severity: "critical" as const,
    state,
    incident,
    headline:
      state === "end"
        ? "orders: over after 30 min: needs more than its max allows"
        : "orders: needs more than its max allows",
    done: { what: "nothing" },
    reasons: ["40 open shards are its max, and <records> & *bytes* need 47"],
    links: [
      { text: "Runbook", href: "https://wiki.example.com/reflex#at-max" },
      { text: "Trace", href: "https://console.example.com/trace?id=1-2&x=y" },
    ],
    ...overrides,
  };
  return { thread: THREAD, sequence, at: Date.parse(notification.at), notification };
}

/** Something that was done. */
export function actionEvent(overrides: Overrides = {}): ThreadEvent {
  const notification = {
    id: "0f3a7c1e-5f0e-4a53-9a59-8d1d1f0a9c55",
    at: AT,
    ...common,
    severity: "info" as const,
    state: "action" as const,
    headline: "orders: 2 -> 4 shards (scale-out)",
    done: { what: "UpdateShardCount", from: 2, to: 4, unit: "shards" },
    reasons: ["the widest shard is used 92 %, above 85 %"],
    costPerMonth: { before: 21.9, after: 43.8 },
    undo: "reflex undo 0f3a7c1e-5f0e-4a53-9a59-8d1d1f0a9c55 --stage prod",
    ...overrides,
  };
  return { thread: notification.id, sequence: 1, at: Date.parse(AT), notification };
}
