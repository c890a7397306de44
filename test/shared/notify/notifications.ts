import type { Notification } from "../../../shared/notify/notification.ts";

/** A notification of a scale-out, with everything in it. */
export function scaleOut(rest: Partial<Notification> = {}): Notification {
  return {
    id: "4d1b0a3e-58a2-5b0c-9a0e-52d0c9a5e001",
    at: "2026-11-21T12:05:14.000Z",
    automation: "reshard-streams",
    resource: "stream/orders",
    severity: "info",
    state: "action",
    headline: "orders: 2 -> 4 shards (scale-out)",
    work: [{ name: "Refused records (producers)", value: "120" }],
    resourceMetrics: [{ name: "Utilisation, recent peak", value: "93 %" }],
    events: [{ at: "2026-11-21T09:00:00.000Z", text: "kinesis:UpdateShardCount 1 -> 2, applied (schedule)" }],
    done: { what: "UpdateShardCount", from: 2, to: 4, unit: "shards" },
    reasons: ["the last 5 minutes' peak needs 1.86 shards' worth of bytes", "one call goes to 4 at most"],
    costPerMonth: { before: 21.9, after: 43.8 },
    undo: "aws kinesis update-shard-count --stream-name orders --target-shard-count 2",
    traceId: "1-5759e988-bd862e3fe1be46a994272793",
    ...rest,
  };
}
