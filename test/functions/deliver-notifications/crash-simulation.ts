import {
  type AlarmHistory,
  NEW_ALARM,
  NEW_THREAD,
  type ThreadState,
} from "../../../functions/deliver-notifications/model.ts";
import { deliverMessage } from "../../../functions/deliver-notifications/run/deliver-message.ts";
import type { Dependencies } from "../../../functions/deliver-notifications/run/dependencies.ts";
import { RetryLater } from "../../../shared/lambda/errors.ts";
import type { Run } from "../../../shared/lambda/run.ts";
import type { Notification } from "../../../shared/notify/notification.ts";
import { notifySchema } from "../../../shared/routes/routes.ts";
import { incidentEvent } from "./events.ts";
import { createMemoryStates } from "./memory-states.ts";

const MINUTE = 60_000;
const START = Date.UTC(2026, 10, 21);
const VISIBILITY = 6 * MINUTE;
const INCIDENTS = 3;
const config = notifySchema.parse({
  routes: [
    {
      name: "all",
      to: [
        { slack: { webhook: { ssm: "/slack" } } },
        { pagerduty: { routingKey: { ssm: "/pager" } } },
        { slack: { topic: "chat" } },
      ],
    },
  ],
});

/** One event of an incident as a target took it. */
interface Taken {
  readonly target: string;
  readonly thread: string;
  readonly sequence: number;
  readonly mayBeRepeat: boolean;
}

export interface DeliveryOutcome {
  readonly runs: number;
  readonly published: readonly { readonly thread: string; readonly sequence: number }[];
  /** How often an alarm went bad, and well again after that. */
  readonly alarms: number;
  readonly taken: readonly Taken[];
}

/** A run that is killed: nothing it does afterwards happens. */
class Killed extends Error {}

/**
 * Incidents whose events are published in order, one to three in a message, to a queue that brings messages twice and in
 * any order; runs of the function over them, two at a time, many of which die before or after any of their calls, while
 * targets refuse. Then runs without faults, until the queue is empty.
 *
 * @param rounds with faults
 * @param random uniform in [0, 1)
 */
export async function simulateDelivery(rounds: number, random: () => number): Promise<DeliveryOutcome> {
  let now = START;
  let runs = 0;
  const taken: Taken[] = [];
  const states = new Map<string, ThreadState>();
  const histories = new Map<string, AlarmHistory>();
  const queue: { readonly body: string; visibleAt: number }[] = [];
  const published: { thread: string; sequence: number }[] = [];
  const next = new Map<string, number>();

  let alarms = 0;
  let isBad = false;

  /** An alarm on Reflex itself goes to ALARM by its topic, and back to OK by the event bus. */
  function changeAlarm(): void {
    isBad = !isBad;
    if (isBad) alarms += 1;
    const [name, time] = ["reflex-dev-watch-slo-freshness", new Date(now).toISOString()];
    const message = isBad
      ? { AlarmName: name, NewStateValue: "ALARM", StateChangeTime: time }
      : {
          "detail-type": "CloudWatch Alarm State Change",
          detail: { alarmName: name, state: { value: "OK", timestamp: time } },
        };
    enqueue(message);
  }

  function enqueue(message: object): void {
    const copies = random() < 0.15 ? 2 : 1;
    for (let copy = 0; copy < copies; copy++) {
      queue.push({ body: JSON.stringify(message), visibleAt: now + Math.floor(random() * 30_000) });
    }
  }

  function publish(): void {
    const thread = `stream/s${Math.floor(random() * INCIDENTS)}/size/1`;
    const first = next.get(thread) ?? 1;
    const count = 1 + Math.floor(random() * 3);
    const notifications = Array.from({ length: count }, (_, at) => notificationOf(thread, first + at, now));
    next.set(thread, first + count);
    published.push(...notifications.map(({ incident }) => ({ thread, sequence: incident?.sequence ?? 0 })));
    const [one] = notifications;
    enqueue({ ...one, ...(count > 1 && { id: `digest-${thread}-${first}`, notifications }) });
  }

  async function runOnce(faults: "some" | "none"): Promise<void> {
    const visible = queue.filter(({ visibleAt }) => visibleAt <= now);
    const message = visible[Math.floor(random() * visible.length)];
    if (!message) return;
    runs += 1;
    message.visibleAt = now + VISIBILITY;
    const life = faults === "some" && random() < 0.4 ? Math.floor(random() * 14) : Number.POSITIVE_INFINITY;
    const run = runAt(() => now);
    try {
      const deps = dependencies(mortal(life), faults);
      const left = await deliverMessage(message.body, { valueOf: () => "secret" }, run, deps);
      if (left.length === 0) queue.splice(queue.indexOf(message), 1);
      else message.visibleAt = now + 10_000 + Math.floor(random() * 5 * MINUTE);
    } catch (error) {
      if (!(error instanceof Killed)) throw error;
    }
  }

  /** Counts the steps of a run; when it has no more to live, everything it does throws. */
  function mortal(life: number) {
    let steps = 0;
    return async () => {
      await Promise.resolve();
      steps += 1;
      if (steps > life) throw new Killed();
    };
  }

  function dependencies(step: () => Promise<void>, faults: "some" | "none"): Dependencies {
    return {
      config,
      random,
      approvalUrl: async () => "https://abc.lambda-url.eu-central-1.on.aws/",
      placeOf: () => ({ partition: "aws", region: "eu-central-1" }),
      threads: createMemoryStates(NEW_THREAD, step, states),
      alarms: createMemoryStates(NEW_ALARM, step, histories),
      async send({ target, events, mayBeRepeat }) {
        await step();
        if (faults === "some" && random() < 0.15) throw new RetryLater("answered 500");
        for (const { thread, sequence } of events) {
          taken.push({ target: target.key, thread, sequence, mayBeRepeat });
        }
        await step();
      },
      credentials: { read: async () => ({ valueOf: () => "" }) },
      sqs: {} as Dependencies["sqs"],
    };
  }

  for (let round = 0; round < rounds; round++) {
    if (random() < 0.5) publish();
    if (random() < 0.2) changeAlarm();
    // Lambda takes what is visible soon: no message waits for an hour for its first run.
    for (let pair = 0; pair < 3; pair++) await Promise.all([runOnce("some"), runOnce("some")]);
    now += Math.floor(random() * 4 * MINUTE);
  }
  if (isBad) changeAlarm();
  for (let rest = 0; rest < 2000 && queue.length > 0; rest++) {
    await runOnce("none");
    now += 30_000;
  }
  if (queue.length > 0) throw new Error(`${queue.length} messages are never delivered`);
  return { runs, published, alarms, taken };
}

function notificationOf(thread: string, sequence: number, now: number): Notification {
  const { notification } = incidentEvent(sequence, "change");
  const at = new Date(now).toISOString();
  const incident = { id: thread, sequence, code: "at-max", since: at };
  return { ...notification, id: `${thread}/${sequence}`, at, resource: thread.slice(0, 9), incident };
}

const runAt = (now: () => number): Run =>
  ({
    clock: { now },
    signal: new AbortController().signal,
    remainingMs: () => MINUTE - 1000,
    log: { info: () => {}, warn: () => {} },
    metrics: { count: () => {} },
  }) as unknown as Run;

/** What is wrong with a simulation's end: an event that a target lacks, one too early, or one again without a word. */
export function deliveryFaults({ published, alarms, taken }: DeliveryOutcome): string[] {
  const targets = config.routes.flatMap(({ to }) => to.map(({ key }) => key));
  return targets.flatMap((target) => {
    const mine = taken.filter((one) => one.target === target);
    const seen = new Map<string, number>();
    const order = mine.flatMap(({ thread, sequence, mayBeRepeat }) => {
      const last = seen.get(thread) ?? 0;
      seen.set(thread, Math.max(last, sequence));
      if (sequence > last + 1) return [`${target}: ${thread}/${sequence} came before ${last + 1}`];
      return sequence <= last && !mayBeRepeat ? [`${target}: ${thread}/${sequence} came again`] : [];
    });
    const lacking = published.filter(
      ({ thread, sequence }) => !mine.some((one) => one.thread === thread && one.sequence === sequence),
    );
    return [
      ...order,
      ...lacking.map(({ thread, sequence }) => `${target}: lacks ${thread}/${sequence}`),
      ...alarmFaults(target, mine, alarms),
    ];
  });
}

/** Each incident of an alarm has begun and is over; changes that come in disorder may make one of two. */
function alarmFaults(target: string, mine: readonly Taken[], alarms: number): string[] {
  const threads = Map.groupBy(
    mine.filter(({ thread }) => thread.startsWith("alarm/")),
    ({ thread }) => thread,
  );
  const halves = [...threads].filter(
    ([, taken]) => new Set(taken.map(({ sequence }) => sequence)).size !== 2,
  );
  return [
    ...halves.map(([thread]) => `${target}: ${thread} has no beginning or no end`),
    ...(alarms > 0 && (threads.size === 0 || threads.size > alarms)
      ? [`${target}: ${threads.size} incidents of an alarm that fired ${alarms} times`]
      : []),
  ];
}
