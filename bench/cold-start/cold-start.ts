/**
 * What our part adds to a cold start: the size of each function's bundle and the time Node takes to load it, beside
 * an empty handler and beside the SDK clients of reshard-streams, X-Ray and middy with nothing of ours, bundled
 * plainly. Every start is a new process, and
 * all take turns, so that what the machine does meanwhile hits all of them.
 */
import { execFile } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { median, printTable } from "../table.ts";
import { bundle } from "./bundle.ts";

const ROOT = join(import.meta.dirname, "..", "..");
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
const one = { TableName: "bench", Key: { pk: { S: "bench" } } };
export const handler = middy(() => clients[1].send(new UpdateItemCommand(one)).then(() => used.length));
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

/** By function, the file of its handler and of its first event. */
const FUNCTIONS: Readonly<Record<string, { readonly handler: string; readonly event: string }>> = {
  "reshard-streams": { handler: "reshard-streams/handler.ts", event: "reshard-streams-schedule" },
  "check-sites": { handler: "check-sites/handler.ts", event: "check-sites-schedule" },
  "ingest-events": { handler: "ingest-events/handler.ts", event: "ingest-events-plain" },
  "scale-node-pools": { handler: "scale-node-pools/handler.ts", event: "scale-node-pools-schedule" },
  "drain-nodes": { handler: "drain-nodes/handler.ts", event: "drain-nodes-schedule" },
  "termination-policy": {
    handler: "drain-nodes/termination-policy/handler.ts",
    event: "termination-policy-rebalance",
  },
  "deliver-notifications": {
    handler: "deliver-notifications/handler.ts",
    event: "deliver-notifications-queue",
  },
  "approve-changes": { handler: "approve-changes/handler.ts", event: "ingest-events-empty" },
};

export async function coldStart(): Promise<void> {
  const dir = mkdtempSync(join(tmpdir(), "reflex-bench-"));
  const aws = await startRefusing();
  try {
    const built = [];
    for (const [index, { name, from, event, whole = false }] of entries().entries()) {
      const file = join(dir, `${index}.js`);
      built.push({ name, file, event, ...(await bundle(from, file, { whole })), times: [] as Times[] });
    }
    for (let round = 0; round < LOADS; round += 1)
      for (const one of built) one.times.push(await startOnce(one.file, one.event, aws.url));
    const medians = (times: readonly Times[]): Times => ({
      load: median(times.map(({ load }) => load)),
      first: median(times.map(({ first }) => first)),
    });
    const peer = medians(built.find(({ name }) => name === PEER)?.times ?? []);
    const whole = ({ load, first }: Times) => load + first;
    printTable(
      `Cold start on Node ${process.versions.node}, median of ${LOADS} new processes: loading a bundle, then the first invocation, whose calls AWS refuses at once`,
      ["", "minified", "gzip", "load", "load / peer", "first", "load + first", "/ peer"],
      built.map(({ name, bytes, gzipBytes, times }) => {
        const took = medians(times);
        return [
          name,
          `${Math.round(bytes / 1024)} KB`,
          `${Math.round(gzipBytes / 1024)} KB`,
          `${took.load.toFixed(1)} ms`,
          (took.load / peer.load).toFixed(2),
          `${took.first.toFixed(1)} ms`,
          `${whole(took).toFixed(1)} ms`,
          (whole(took) / whole(peer)).toFixed(2),
        ];
      }),
    );
  } finally {
    aws.stop();
    rmSync(dir, { recursive: true, force: true });
  }
}

interface Entry {
  readonly name: string;
  readonly from: Parameters<typeof bundle>[0];
  readonly event: string;
  readonly whole?: boolean;
}

const entries = (): readonly Entry[] => [
  { name: "an empty handler", from: { source: EMPTY }, event: "{}" },
  { name: PEER, from: { source: PARTS }, event: "{}", whole: true },
  ...Object.entries(FUNCTIONS).map(([name, { handler, event }]) => ({
    name,
    from: { file: join("functions", handler) },
    event: readFileSync(join(ROOT, "events", `${event}.json`), "utf8"),
  })),
];

/** Milliseconds. */
interface Times {
  /** From `require` of the bundle until its start-up promises have settled. */
  readonly load: number;
  /** Of the first invocation: clients are resolved, connections opened, calls sent. */
  readonly first: number;
}

/** An AWS that refuses every call: what a function does then is its first round of calls, as the peer does one. */
async function startRefusing(): Promise<{ readonly url: string; stop(): void }> {
  const refusal = JSON.stringify({ __type: "AccessDeniedException", message: "not in a bench" });
  const server = createServer((request, answer) => {
    request.resume();
    answer.writeHead(400, { "content-type": "application/x-amz-json-1.0" }).end(refusal);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, stop: () => void server.close() };
}

const execute = promisify(execFile);

const CONTEXT =
  "{functionName:'bench',awsRequestId:'bench',memoryLimitInMB:'256',invokedFunctionArn:'arn:aws:lambda:us-east-1:000000000000:function:bench',getRemainingTimeInMillis:()=>30000}";

/** In a new process, with the outputs opened before, as Lambda's runtime has them open. */
async function startOnce(file: string, event: string, endpoint: string): Promise<Times> {
  const script =
    `process.stdout;process.stderr;const t=performance.now();const {handler}=require(${JSON.stringify(file)});` +
    `setImmediate(()=>{const u=performance.now();Promise.resolve(handler(${event},${CONTEXT})).catch(()=>{}).then(()=>{` +
    "const v=performance.now();process.stdout.write(`\\nTIMES ${u-t} ${v-u}\\n`,()=>process.exit())})})";
  const env = { ...ENVIRONMENT, AWS_ENDPOINT_URL: endpoint };
  const { stdout } = await execute(process.execPath, ["-e", script], { env });
  const [, load, first] = /^TIMES (\S+) (\S+)$/m.exec(stdout) ?? [];
  return { load: Number(load), first: Number(first) };
}
