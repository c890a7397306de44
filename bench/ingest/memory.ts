/**
 * The most memory of a process that lands one batch, each in a process of its own with the options of the deployed function,
 * as the operating system has it. DynamoDB is a stub in another process. Also alone: `node bench/ingest/memory.ts [which …]`.
 */
import { execFile } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { printTable } from "../table.ts";
import { type BatchName, batchText } from "./batches.ts";
import type { RecordOptions } from "./landings.ts";
import { withStub } from "./with-stub.ts";

interface Case {
  readonly landing: string;
  readonly batch: BatchName;
  readonly what: string;
  /** What the batch meets in the table (standing.ts). */
  readonly meets?: string;
  readonly options?: RecordOptions;
}

/** What any batch may take at most. */
const LIMIT_MB = 512;

const EVERY_MODE = ["append", "append-once", "latest"];
const CONDITIONAL = ["append-once", "latest"];
const inModes = (landings: readonly string[], batch: BatchName, what: string, meets?: string): Case[] =>
  landings.map((landing) => ({ landing, batch, what, ...(meets !== undefined && { meets }) }));

const CASES: readonly Case[] = [
  ...inModes(["nothing", "powertools", "floor", ...EVERY_MODE], "plain", "10,000 records of 450 B"),
  ...inModes(EVERY_MODE, "full", "1,000 zipped items of 400 KB"),
  ...inModes(EVERY_MODE, "wide", "1,000 zipped items of 130,000 two-byte characters"),
  ...inModes(["append"], "booleans", "1,000 zipped items of 200,000 booleans"),
  ...inModes(["append"], "bombs", "270 bombs of 16 KB that open to 16 MB"),
  ...inModes(["append"], "aggregate", "one aggregate of 62 bombs and 200 full items"),
  ...inModes(["append"], "rejected", "one aggregate of 100,000 records, none an event"),
  ...inModes(["append"], "subRecords", "one aggregate of 500,000 records"),
  ...inModes(["append"], "digits", "270 records of 400,000 numbers like 1e999"),
  ...inModes(["append"], "exactNumbers", "270 records of 33,000 numbers of 20 digits"),
  ...inModes(["append"], "escapes", "270 records of 690,000 escaped characters"),
  ...inModes(["append"], "members", "5 records of 350,000 members"),
  {
    landing: "append",
    batch: "lines",
    what: "270 records of 2.8 million lines",
    options: { explode: "lines" },
  },
  { landing: "append", batch: "keys", what: "600,000 lines with ids of 2 KB", options: { explode: "lines" } },
  {
    landing: "append",
    batch: "list",
    what: "270 lists of 2.8 million events",
    options: { explode: "array" },
  },
  {
    landing: "append",
    batch: "logs",
    what: "270 messages of 2.8 million log events",
    options: { format: "cloudwatch-logs" },
  },
  ...["booleans", "maps", "empty texts", "text"].flatMap((of) => [
    ...inModes(CONDITIONAL, "wide", "the 1,000 two-byte items", `${of}, same`),
    ...inModes(["latest"], "wide", "the 1,000 two-byte items", `${of}, older`),
    ...inModes(["latest"], "wide", "the 1,000 two-byte items", `${of}, newer`),
  ]),
  ...inModes(CONDITIONAL, "booleans", "the 1,000 items of 200,000 booleans", "booleans, same"),
  ...inModes(CONDITIONAL, "small", "10,000 records of 10 B", "booleans, same"),
  ...inModes(CONDITIONAL, "unusual", "10,000 records, each put by itself", "empty texts, same"),
];

export async function memory(which: readonly string[] = []): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "reflex-bench-"));
  const rows: string[][] = [];
  try {
    for (const one of CASES) {
      const name = `${one.landing} ${one.batch} ${one.meets ?? ""}`;
      if (which.length > 0 && !which.some((part) => name.includes(part))) continue;
      const row = await measure(one, folder);
      console.error(row.join(" | "));
      rows.push(row);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
  printTable(
    `Most resident memory of a process that lands one batch (at most ${LIMIT_MB} MB), and how long it took`,
    ["", "batch", "meets", "memory", "seconds", "left for later"],
    rows,
  );
}

async function measure(
  { landing, batch, what, meets, options = {} }: Case,
  folder: string,
): Promise<string[]> {
  const file = join(folder, `${batch}.json`);
  if (!existsSync(file)) writeFileSync(file, batchText(batch));
  const script = new URL("./land-once.ts", import.meta.url).pathname;
  const { stdout } = await withStub((endpoint) => {
    const args = [...nodeOptions(), script, landing, file, endpoint, JSON.stringify(options)];
    return promisify(execFile)(process.execPath, args);
  }, meets);
  const { title, megabytes, seconds, left, failure } = JSON.parse(stdout);
  const over = megabytes > LIMIT_MB ? ", too much" : "";
  return [
    String(title),
    what,
    meets ?? "nothing",
    `${Math.round(Number(megabytes))} MB${over}`,
    Number(seconds).toFixed(1),
    failure ?? (left === 0 ? "nothing" : "some"),
  ];
}

/** As the function is deployed. */
function nodeOptions(): readonly string[] {
  const yaml = readFileSync(new URL("../../functions/ingest-events/function.yml", import.meta.url), "utf8");
  const [, options] = /NODE_OPTIONS: (.+)/.exec(yaml) ?? [];
  if (options === undefined) throw new Error("function.yml has no NODE_OPTIONS");
  return options.split(" ");
}

if (import.meta.main) await memory(process.argv.slice(2));
