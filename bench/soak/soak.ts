/**
 * `npm run soak -- --hours 24`: all automations in one account of the sandbox, with faults, for so many hours of its time. Ends with
 * 0 when what is held on to stays flat, and with 1 when it grows or something was left without a handler.
 *
 * --hours <number>  of the sandbox's time; 24 when left out
 * --seed <number>   of what happens; 1 when left out
 */

import { parseArgs } from "node:util";
import { KinesisClient, PutRecordsCommand } from "@aws-sdk/client-kinesis";
import { type Account, startAccount } from "../../sandbox/account.ts";
import { clientFor } from "../../sandbox/demos/client.ts";
import type { Fault, FaultKind } from "../../sandbox/endpoint/faults.ts";
import { prepareFixtures } from "../../sandbox/fixtures/fixtures.ts";
import type { PageFixtures } from "../../sandbox/page/fixtures.ts";
import { packageService } from "../../sandbox/template/package-service.ts";
import { seeded } from "../seeded.ts";
import { printTable } from "../table.ts";
import { growth, type Held, heldNow } from "./held.ts";
import { plot } from "./plot.ts";

const STAGE = "dev";
const MINUTE_MS = 60_000;
const STEP_MINUTES = 5;
/** At most, for each stream. */
const RECORDS_A_STEP = 40;
/** Chance of each step that a site changes, and that pods come or go. */
const CHANGES = 0.2;
const PODS_ADDED = 30;

const KINDS: readonly FaultKind[] = [
  "throttle",
  "server-error",
  "lost-answer",
  "crash-before",
  "crash-after",
];
const SERVICES = ["kinesis", "dynamodb", "monitoring", "sns", "sqs", "autoscaling", "ec2", "s3"];

const { values } = parseArgs({
  options: { hours: { type: "string", default: "24" }, seed: { type: "string", default: "1" } },
});
const hours = Number(values.hours);
const seed = Number(values.seed);
if (!(hours > 0) || !Number.isInteger(seed)) {
  console.error("--hours and --seed: expected a number of hours above 0, and a whole number");
  process.exit(2);
}

/** What nobody handled, and what Node.js warned of, such as MaxListenersExceededWarning. */
const complaints = new Map<string, number>();
const complain = (what: string) => complaints.set(what, (complaints.get(what) ?? 0) + 1);
process.on("unhandledRejection", (reason) => complain(`unhandled rejection: ${String(reason)}`));
process.on("warning", ({ name, message }) => {
  if (name !== "ExperimentalWarning") complain(`${name}: ${message}`);
});

async function soak(): Promise<readonly Held[]> {
  const built = await packageService(STAGE);
  const fixtures = await prepareFixtures(STAGE);
  const failed = new Map<string, number>();
  const account = await startAccount({
    packageDir: built.dir,
    speed: 0,
    environment: fixtures.environment,
    log: () => {},
    onInvocation: ({ functionName, result }) => {
      if (!result.ok) failed.set(functionName, (failed.get(functionName) ?? 0) + 1);
    },
  });
  try {
    return await live(account, await fixtures.createIn(account));
  } finally {
    await account.stop();
    await fixtures.stop();
    built.remove();
    console.log(`\nRuns that ended in an error: ${JSON.stringify(Object.fromEntries(failed))}`);
  }
}

/** Its whole time, step by step: traffic, a fault, sites and pods that change. */
async function live(account: Account, { sites = [], clusters = [] }: PageFixtures): Promise<readonly Held[]> {
  const random = seeded(seed);
  const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)] as T;
  const kinesis = new KinesisClient(clientFor(account));
  const held: Held[] = [];
  try {
    for (let minute = 0; minute < hours * 60; minute += STEP_MINUTES) {
      const fault: Fault = {
        kind: pick(KINDS),
        service: pick(SERVICES),
        times: 1 + Math.floor(random() * 3),
      };
      const injected = account.faults.inject(fault);
      for (const stream of ["sample", "events"]) await put(kinesis, stream, random, minute);
      if (sites.length > 0 && random() < CHANGES) {
        const site = pick(sites);
        await site.behave(pick(site.behaviours).id);
      }
      for (const cluster of clusters) {
        const chance = random();
        if (chance < CHANGES) cluster.addPods(`burst-${minute}`, Math.ceil(random() * PODS_ADDED));
        else if (chance < 2 * CHANGES) cluster.removePods();
      }
      await account.clock.advance(STEP_MINUTES * MINUTE_MS);
      injected.remove();
      held.push(heldNow(minute + STEP_MINUTES, injected.hits()));
      if (process.stdout.isTTY) process.stdout.write(`\r${minute + STEP_MINUTES} of ${hours * 60} minutes`);
    }
  } finally {
    kinesis.destroy();
  }
  return held;
}

/** What cannot be sent because of a fault is not sent: a producer that gives up. */
async function put(
  kinesis: KinesisClient,
  StreamName: string,
  random: () => number,
  at: number,
): Promise<void> {
  const Records = Array.from({ length: Math.ceil(random() * RECORDS_A_STEP) }, (_none, index) => ({
    PartitionKey: String(index),
    Data: Buffer.from(random() < 0.05 ? "poison" : JSON.stringify({ id: `${at}-${index}`, x: random() })),
  }));
  await kinesis.send(new PutRecordsCommand({ StreamName, Records })).catch(() => {});
}

const sum = (held: readonly Held[]) => held.reduce((total, { faults }) => total + faults, 0);

const held = await soak();
console.log(plot(held));
printTable(
  `Held on to in ${hours} hours of the sandbox's time; ${sum(held)} calls met a fault`,
  ["", "2nd quarter", "last quarter", ""],
  growth(held).map(({ what, before, after, isFlat }) =>
    [what, before, after, isFlat ? "flat" : "grows"].map(String),
  ),
);
for (const [what, count] of complaints) console.log(`${count} times ${what}`);
if (complaints.size > 0 || growth(held).some(({ isFlat }) => !isFlat)) process.exitCode = 1;
