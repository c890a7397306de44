/**
 * Landing Kinesis records in DynamoDB: ingest-events beside the way the documentation of Powertools shows, and
 * beside the floor, BatchWriteItem of prepared chunks. The same records, in one process, taking turns. Also
 * alone, also in parts: `node bench/ingest/ingest.ts [instant stub memory aggregates]`.
 */
import { hash } from "node:crypto";
import { createRequire } from "node:module";
import type { KinesisStreamEvent } from "aws-lambda";
import { readAggregate } from "../../functions/ingest-events/decode/kpl.ts";
import { median, printTable } from "../table.ts";
import type { Landing } from "./landings.ts";
import { memory } from "./memory.ts";
import { aggregatedRecords, jsonRecords, kinesisEvent } from "./records.ts";
import { withStub } from "./with-stub.ts";

const ROUNDS = 5;

const PARTS: Readonly<Record<string, () => Promise<void>>> = {
  instant: () =>
    landingsOn("a client that is answered at once, without a socket", 5_000, (use) => use(undefined)),
  stub: () => landingsOn("a DynamoDB that answers at once, over HTTP", 5_000, withStub),
  memory: () => memory(),
  aggregates: async () => aggregates(),
};

/** @param names of parts; all of them when empty */
export async function ingest(names: readonly string[] = []): Promise<void> {
  quiet();
  for (const [name, part] of Object.entries(PARTS)) {
    if (names.length === 0 || names.includes(name)) await part();
  }
}

/** Logs and metrics of each invocation would go to the screen, and be timed. Set before anything reads it. */
function quiet(): void {
  Object.assign(process.env, {
    POWERTOOLS_LOG_LEVEL: "SILENT",
    POWERTOOLS_METRICS_DISABLED: "true",
    AWS_XRAY_CONTEXT_MISSING: "IGNORE_ERROR",
    AWS_REGION: "us-east-1",
  });
}

/** @param withEndpoint hands on the endpoint of a DynamoDB, or none for the client that has no need of one. */
async function landingsOn(
  what: string,
  records: number,
  withEndpoint: (use: (endpoint: string | undefined) => Promise<void>) => Promise<void>,
): Promise<void> {
  const {
    clientOf,
    conditionalLanding,
    floorLanding,
    instantClient,
    powertoolsLanding,
    rawLanding,
    reflexLanding,
  } = await import("./landings.ts");
  await withEndpoint(async (endpoint) => {
    const client = (options?: object) =>
      endpoint === undefined ? instantClient(options) : clientOf(endpoint, options);
    // As each would be made: ingest-events retries by itself, the others have the SDK do it.
    const own = client({ maxAttempts: 1 });
    const plain = client();
    const event = kinesisEvent(jsonRecords(records));
    const landings = [
      powertoolsLanding(plain),
      floorLanding(plain, records),
      conditionalLanding(plain),
      reflexLanding(own),
      reflexLanding(own, "append-once"),
      reflexLanding(own, "latest"),
      ...(endpoint === undefined ? [] : [rawLanding(endpoint, records)]),
    ].map((landing) => ({ ...landing, wall: [] as number[], cpu: [] as number[] }));

    for (let round = 0; round <= ROUNDS; round += 1) {
      for (const one of landings) {
        const { wall, cpu } = await measured(one, event);
        // One round that is not counted, for the compiler.
        if (round === 0) continue;
        one.wall.push(wall / records);
        one.cpu.push(cpu / records);
      }
    }
    own.destroy();
    plain.destroy();

    const [peer, floor, conditional] = landings;
    if (peer === undefined || floor === undefined || conditional === undefined)
      throw new Error("nothing was measured");
    const rate = (one: { wall: readonly number[] }) => 1e6 / median(one.wall);
    printTable(
      `Landing ${records.toLocaleString("en")} records of 1 KB on ${what}; median of ${ROUNDS} rounds`,
      ["", "records/s", "CPU µs a record", "times (a)", "of (b)", "times (c)"],
      landings.map((one) => [
        one.name,
        Math.round(rate(one)).toLocaleString("en"),
        median(one.cpu).toFixed(1),
        (rate(one) / rate(peer)).toFixed(1),
        (rate(one) / rate(floor)).toFixed(2),
        (rate(one) / rate(conditional)).toFixed(1),
      ]),
    );
  });
}

/** What a landing of the event takes, µs. @throws {Error} where not all of it was landed */
async function measured(
  landing: Landing,
  event: KinesisStreamEvent,
): Promise<{ readonly wall: number; readonly cpu: number }> {
  const cpuBefore = process.cpuUsage();
  const before = performance.now();
  const left = await landing.land(event);
  if (left.length > 0) throw new Error(`${landing.name}: not everything was landed`);
  const wall = (performance.now() - before) * 1000;
  const { user, system } = process.cpuUsage(cpuBefore);
  return { wall, cpu: user + system };
}

/** Reading KPL aggregates of 100 records of 1 KB. */
function aggregates(): void {
  const require = createRequire(import.meta.url);
  const { deaggregateSync } = require("aws-kinesis-agg");
  const texts = aggregatedRecords(20_000, 100).map((data) => data.toString("base64"));
  const ways = {
    "base64 + MD5 alone": (data: string) => {
      hash("md5", Buffer.from(data, "base64"), "buffer");
      return 100;
    },
    "our reader": (data: string) => readAggregate(Buffer.from(data, "base64"))?.length ?? 0,
    "aws-kinesis-agg": (data: string) => {
      let found = 0;
      deaggregateSync({ data }, true, (_error: unknown, records: readonly unknown[]) => {
        found = records.length;
      });
      return found;
    },
  };
  const times = Object.entries(ways).map(([name, read]) => ({ name, read, each: [] as number[] }));
  for (let round = 0; round <= 2 * ROUNDS; round += 1) {
    for (const { read, each } of times) {
      const before = performance.now();
      let found = 0;
      for (const text of texts) found += read(text);
      if (found !== 20_000) throw new Error(`found ${found} of 20,000 records`);
      if (round > 0) each.push(((performance.now() - before) * 1000) / found);
    }
  }
  const [floor] = times;
  if (floor === undefined) throw new Error("nothing was measured");
  printTable(
    "Reading KPL aggregates of 100 records of 1 KB, from base64, with the checksum",
    ["", "µs a record", "times base64 + MD5"],
    times.map(({ name, each }) => [
      name,
      median(each).toFixed(2),
      (median(each) / median(floor.each)).toFixed(2),
    ]),
  );
}

if (import.meta.main) await ingest(process.argv.slice(2));
