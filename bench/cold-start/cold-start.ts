/**
 * What our part adds to a cold start: the size of each function's bundle and the time Node takes to load it, beside
 * an empty handler and beside the SDK clients of reshard-streams, X-Ray and middy with nothing of ours, bundled
 * plainly. Every load is a new process, and
 * all take turns, so that what the machine does meanwhile hits all of them.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { median, printTable } from "../table.ts";
import { bundle } from "./bundle.ts";

const LOADS = 31;

const PEER = "SDK clients + X-Ray + middy";

const EMPTY = "export const handler = async () => undefined;";

/** The clients and commands of reshard-streams, X-Ray and middy: what it could not do without. */
const PARTS = `
import { CloudWatchClient, GetMetricDataCommand, paginateDescribeAlarms } from "@aws-sdk/client-cloudwatch";
import { DynamoDBClient, PutItemCommand, UpdateItemCommand, paginateQuery } from "@aws-sdk/client-dynamodb";
import { DescribeStreamSummaryCommand, KinesisClient, ListShardsCommand, MergeShardsCommand, SplitShardCommand, UpdateShardCountCommand, paginateListStreams } from "@aws-sdk/client-kinesis";
import { PublishCommand, SNSClient } from "@aws-sdk/client-sns";
import middy from "@middy/core";
import AWSXRay from "aws-xray-sdk-core";
const clients = [new CloudWatchClient({}), new DynamoDBClient({}), new KinesisClient({}), new SNSClient({})].map((client) => AWSXRay.captureAWSv3Client(client));
const used = [GetMetricDataCommand, paginateDescribeAlarms, PutItemCommand, UpdateItemCommand, paginateQuery, DescribeStreamSummaryCommand, ListShardsCommand, MergeShardsCommand, SplitShardCommand, UpdateShardCountCommand, paginateListStreams, PublishCommand];
export const handler = middy(async () => clients.length + used.length);
`;

const ENVIRONMENT = {
  AWS_REGION: "us-east-1",
  AWS_ACCESS_KEY_ID: "bench",
  AWS_SECRET_ACCESS_KEY: "bench",
  AWS_XRAY_CONTEXT_MISSING: "IGNORE_ERROR",
  REFLEX_STAGE: "dev",
  LEDGER_TABLE: "bench",
  NOTIFY_TOPIC: "bench",
  ALARM_NAME_PREFIX: "bench",
  SITES_TABLE: "bench",
  STATUS_BUCKET: "bench",
  DRAIN_FUNCTION: "bench",
  QUARANTINE_QUEUE: "bench",
  QUARANTINE_BUCKET_PREFIX: "bench",
};

/** By function, the file of its handler. */
const FUNCTIONS: Readonly<Record<string, string>> = {
  "reshard-streams": "functions/reshard-streams/handler.ts",
  "check-sites": "functions/check-sites/handler.ts",
  "ingest-events": "functions/ingest-events/handler.ts",
  "scale-node-pools": "functions/scale-node-pools/handler.ts",
  "drain-nodes": "functions/drain-nodes/handler.ts",
  "termination-policy": "functions/drain-nodes/termination-policy/handler.ts",
  "deliver-notifications": "functions/deliver-notifications/handler.ts",
  "approve-changes": "functions/approve-changes/handler.ts",
};

export async function coldStart(): Promise<void> {
  const dir = mkdtempSync(join(tmpdir(), "reflex-bench-"));
  try {
    const entries: { name: string; from: Parameters<typeof bundle>[0]; whole?: boolean }[] = [
      { name: "an empty handler", from: { source: EMPTY } },
      { name: PEER, from: { source: PARTS }, whole: true },
      ...Object.entries(FUNCTIONS).map(([name, file]) => ({ name, from: { file } })),
    ];
    const built = [];
    for (const [index, { name, from, whole = false }] of entries.entries()) {
      const file = join(dir, `${index}.js`);
      built.push({ name, file, ...(await bundle(from, file, { whole })), times: [] as number[] });
    }
    for (let round = 0; round < LOADS; round += 1)
      for (const one of built) one.times.push(loadOnce(one.file));
    const parts = built.find(({ name }) => name === PEER);
    if (!parts) throw new Error("the peer was not built");
    printTable(
      `Cold start: loading a bundle on Node ${process.versions.node}, median of ${LOADS} new processes`,
      ["", "minified", "gzip", "load", "load / peer"],
      built.map(({ name, bytes, gzipBytes, times }) => [
        name,
        `${Math.round(bytes / 1024)} KB`,
        `${Math.round(gzipBytes / 1024)} KB`,
        `${median(times).toFixed(1)} ms`,
        (median(times) / median(parts.times)).toFixed(2),
      ]),
    );
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

/**
 * Milliseconds from `require` of the bundle until its start-up promises have settled, in a new process. The
 * outputs are opened before, as Lambda's runtime has them open.
 */
function loadOnce(file: string): number {
  const script =
    `process.stdout;process.stderr;const t=performance.now();require(${JSON.stringify(file)});` +
    "setImmediate(()=>console.log(performance.now()-t))";
  return Number(execFileSync(process.execPath, ["-e", script], { env: ENVIRONMENT, encoding: "utf8" }));
}
