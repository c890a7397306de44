import { Logger } from "@aws-lambda-powertools/logger";
import type { Condition } from "../../../shared/incidents/incident.ts";
import type { Run } from "../../../shared/lambda/run.ts";
import { createLedger } from "../../../shared/ledger/ledger.ts";
import { createOutbox } from "../../../shared/ledger/outbox.ts";
import { incidentNotification } from "../../../shared/notify/incident-notification.ts";
import { type Notification, notification } from "../../../shared/notify/notification.ts";
import { RunNotifications } from "../../../shared/notify/run-notifications.ts";
import type { LedgerTable } from "../ledger/table.ts";

const MINUTE_MS = 60_000;
const LEASE_MS = 90_000;
const START = Date.UTC(2026, 10, 21);
const CAUSES = ["at-max", "denied", "quota-spent"];

/** What one simulation came to. */
export interface Outcome {
  readonly runs: number;
  /** Notifications that a write to the ledger made true. */
  readonly committed: readonly Notification[];
  /** What reached the topic, in order; more than once where a run died before it could say so. */
  readonly delivered: readonly Notification[];
}

/**
 * Runs of an automation over one resource, many of which die before or after any of their calls, or go on beside another
 * one: they report incidents and make changes. Then runs without faults, until all is calm.
 *
 * @param random uniform in [0, 1)
 */
export async function simulate(db: LedgerTable, runs: number, random: () => number): Promise<Outcome> {
  const table = await db.another();
  const resource = "stream/orders";
  const committed: Notification[] = [];
  const delivered: Notification[] = [];
  let now = START;
  let condition: Condition | undefined;
  let change = 0;

  /** One run; it ends where it dies. */
  async function run(mortality: number): Promise<void> {
    let dead = false;
    const died = Promise.withResolvers<void>();
    const mayDie = async () => {
      if (!dead && random() >= mortality) return;
      dead = true;
      died.resolve();
      await new Promise<never>(() => {});
    };
    const client = Object.create(db.client, {
      send: {
        value: async (command: Parameters<typeof db.client.send>[0], options: object) => {
          await mayDie();
          const answer = await db.client.send(command, options);
          committed.push(...writtenBy(command.input));
          await mayDie();
          return answer;
        },
      },
    });
    const outbox = createOutbox(client, { table, keepMs: 1e9 });
    const ledger = createLedger(client, { table, leaseMs: LEASE_MS, keepMs: 1e9 });
    const notifications = new RunNotifications(
      aRun(() => now),
      {
        outbox,
        notify: async (due) => {
          await mayDie();
          if (random() < mortality) throw new Error("SNS throttles");
          delivered.push(...due);
          await mayDie();
        },
      },
    );
    const work = async () => {
      const history = await ledger.history(resource, now - 3_600_000);
      const outgoing = (id: string) => notifications.outgoing(changeNotification(id, resource, now));
      if (history.pending && (history.leasedUntil ?? 0) <= now) {
        const { claimed } = await ledger.recover(
          history,
          { result: "applied", at: now },
          undefined,
          (entry) => outgoing(entry.intent.id),
        );
        notifications.add(claimed);
      } else if (!history.pending && random() < 0.3) {
        change += 1;
        const intent = intentOf(`change-${change}`, now);
        const lease = await ledger.begin(history, intent, intent.id);
        notifications.add(
          await ledger.finish(lease, { result: "applied", at: now }, undefined, outgoing(intent.id)),
        );
      }
      await notifications.report(
        resource,
        { conditions: condition ? [condition] : [], judged: random() < 0.1 ? "listed" : "all" },
        (event) => incidentNotification(event, { automation: "reshard-streams", resource }),
      );
      await notifications.send("all");
    };
    // Another run may hold the lease: then this one fails, and the next goes on.
    await Promise.race([work().catch(() => {}), died.promise]);
  }

  for (let made = 0; made < runs; made += 1) {
    now += MINUTE_MS * (random() < 0.05 ? 60 * 24 : 1);
    if (random() < 0.15)
      condition = random() < 0.5 ? undefined : aCondition(CAUSES[Math.floor(random() * 3)] ?? "");
    await (random() < 0.2 ? Promise.all([run(0.12), run(0.12)]) : run(0.12));
  }
  condition = undefined;
  for (let calm = 0; calm < 12; calm += 1) {
    now += MINUTE_MS;
    await run(0);
  }
  return { runs: runs + 12, committed, delivered };
}

/** What is wrong with what was delivered; nothing, as it has to be. */
export function faultsOf({ committed, delivered }: Outcome): string[] {
  const ids = new Set(delivered.map(({ id }) => id));
  const lost = committed
    .filter(({ id }) => !ids.has(id))
    .map(({ id, headline }) => `lost: ${id} (${headline})`);
  const known = new Set(committed.map(({ id }) => id));
  const invented = delivered.filter(({ id }) => !known.has(id)).map(({ id }) => `never written: ${id}`);
  const first = [...new Map(delivered.toReversed().map((one) => [one.id, one])).values()].toReversed();
  const order = Map.groupBy(
    first.flatMap(({ incident }) => incident ?? []),
    ({ id }) => id,
  );
  const disorder = [...order].flatMap(([id, events]) =>
    events.some(({ sequence }, at) => sequence !== at + 1)
      ? [`out of order: ${id}: ${events.map(({ sequence }) => sequence).join(", ")}`]
      : [],
  );
  return [...lost, ...invented, ...disorder];
}

/** The notifications a write puts into the outbox for the first time or again. */
function writtenBy(input: object): Notification[] {
  const values: Record<string, { S?: string }> =
    "ExpressionAttributeValues" in input ? { ...(input.ExpressionAttributeValues ?? {}) } : {};
  return Object.entries(values).flatMap(([name, { S = "null" }]) => {
    if (!/^:outbox\d+$/.test(name)) return [];
    const entry: { notification?: unknown } = JSON.parse(S);
    return [notification.parse(entry.notification)];
  });
}

const aCondition = (code: string): Condition => ({
  key: "size",
  code,
  text: `${code}: nothing was changed`,
  severity: code === "at-max" ? "critical" : "warning",
});

const intentOf = (id: string, at: number) => ({
  id,
  at,
  automation: "reshard-streams",
  action: "kinesis:UpdateShardCount",
  direction: "out" as const,
  from: 1,
  to: 2,
  reasons: [],
  evidence: {},
  trigger: "schedule",
});

const changeNotification = (id: string, resource: string, now: number): Notification => ({
  id,
  at: new Date(now).toISOString(),
  automation: "reshard-streams",
  resource,
  severity: "info",
  state: "action",
  headline: "orders: 1 -> 2 shards",
  work: [],
  resourceMetrics: [],
  events: [],
  done: { what: "UpdateShardCount", from: 1, to: 2, unit: "shards" },
  reasons: [],
});

function aRun(now: () => number): Run {
  return {
    automation: "reshard-streams",
    id: "run",
    traceId: undefined,
    functionArn: undefined,
    clock: { now },
    signal: new AbortController().signal,
    remainingMs: () => 30_000,
    log: new Logger({ logLevel: "SILENT" }),
    metrics: { count: () => {}, record: () => {}, note: () => {}, flush: () => {} },
    annotate: () => {},
    stage: (_, body) => body({ annotate: () => {}, metadata: () => {} }),
    progress: () => {},
  };
}
