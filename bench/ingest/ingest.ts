/**
 * Landing Kinesis records in DynamoDB: ingest-events beside the way the documentation of Powertools shows, and
 * beside the floor, BatchWriteItem of prepared chunks. The same records, in one process, taking turns. Also
 * alone: `node bench/ingest/ingest.ts`.
 */
import { execFileSync, spawn } from "node:child_process";
import { hash } from "node:crypto";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readAggregate } from "../../functions/ingest-events/decode/kpl.ts";
import { median, printTable } from "../table.ts";
import { type BatchName, batchText } from "./batches.ts";
import { aggregatedRecords, jsonRecords, kinesisEvent } from "./records.ts";

const ROUNDS = 5;

export async function ingest(): Promise<void> {
  quiet();
  await landingsOn("a client that is answered at once, without a socket", 5_000, (use) => use(undefined));
  await landingsOn("a DynamoDB that answers at once, over HTTP", 5_000, withStub);
  memory();
  aggregates();
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
  const { clientOf, conditionalLanding, floorLanding, instantClient, powertoolsLanding, reflexLanding } =
    await import("./landings.ts");
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
    ].map((landing) => ({ ...landing, wall: [] as number[], cpu: [] as number[] }));

    // One round that is not counted, for the compiler.
    for (let round = 0; round <= ROUNDS; round += 1) {
      for (const one of landings) {
        const cpuBefore = process.cpuUsage();
        const before = performance.now();
        await one.land(event);
        const wall = performance.now() - before;
        const { user, system } = process.cpuUsage(cpuBefore);
        if (round === 0) continue;
        one.wall.push((wall * 1000) / records);
        one.cpu.push((user + system) / records);
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

async function withStub(use: (endpoint: string) => Promise<void>): Promise<void> {
  const script = new URL("./stub.ts", import.meta.url).pathname;
  const stub = spawn(process.execPath, [script], { stdio: ["pipe", "pipe", "inherit"] });
  const address = await new Promise<string>((resolve) => {
    stub.stdout.once("data", (line) => resolve(String(line).trim()));
  });
  try {
    await use(address);
  } finally {
    stub.stdin.end();
  }
}

const MEMORY_OF: readonly (readonly [string, BatchName, string])[] = [
  ["nothing", "plain", "10,000 records of 450 B"],
  ["powertools", "plain", "10,000 records of 450 B"],
  ["floor", "plain", "10,000 records of 450 B"],
  ["append", "plain", "10,000 records of 450 B"],
  ["append-once", "plain", "10,000 records of 450 B"],
  ["latest", "plain", "10,000 records of 450 B"],
  ["append", "bombs", "270 bombs of 16 KB that open to 16 MB"],
  ["append", "aggregate", "one aggregate of 62 bombs and 200 full items"],
  ["append", "full", "1,000 zipped items of 400 KB"],
  ["append-once", "full", "1,000 zipped items of 400 KB"],
  ["latest", "full", "1,000 zipped items of 400 KB"],
  ["append", "rejected", "one aggregate of 100,000 records, none an event"],
];

/** As the function is deployed. */
function nodeOptions(): readonly string[] {
  const yaml = readFileSync(new URL("../../functions/ingest-events/function.yml", import.meta.url), "utf8");
  const [, options] = /NODE_OPTIONS: (.+)/.exec(yaml) ?? [];
  if (options === undefined) throw new Error("function.yml has no NODE_OPTIONS");
  return options.split(" ");
}

/** The most memory of a process that lands one batch, each in a process of its own, by the operating system. */
function memory(): void {
  const folder = mkdtempSync(join(tmpdir(), "reflex-bench-"));
  const script = new URL("./memory.ts", import.meta.url).pathname;
  const rows = MEMORY_OF.map(([name, batch, what]) => {
    const file = join(folder, `${batch}.json`);
    if (!existsSync(file)) writeFileSync(file, batchText(batch));
    const output = execFileSync(process.execPath, [...nodeOptions(), script, name, file], {
      encoding: "utf8",
    });
    const { title, megabytes } = JSON.parse(output);
    return [String(title), what, `${Math.round(Number(megabytes))} MB`];
  });
  rmSync(folder, { recursive: true });
  printTable("Most resident memory of a process that lands one batch", ["", "batch", "memory"], rows);
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

if (import.meta.main) await ingest();
