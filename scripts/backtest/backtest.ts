/**
 * `npm run backtest -- --stream <name> | --node-pool <cluster>/<pool> [--days 14] [--set <key>=<value> …] [--fail-if <condition> …] [--html <file>] [--json]`: what the
 * policy of a stream or a node pool would have done with its past, beside what it has, a fixed count, on-demand and hindsight.
 *
 * --stream <name>   reads its minutes from CloudWatch, which keeps them 15 days, with credentials that may read only
 * --days <number>   how many of them; 14 when left out
 * --node-pool <cluster>/<pool>   the same for a node pool of the config, over the cluster's history in Container Insights; with --csv a row a
 *                   minute: time, nodes, cpuReserved and memoryReserved in percent; pods, cpuLimit, memoryLimit, failedNodes where known
 * --csv <file>      reads a file instead, a row a minute: time, and bytes, records or both; refused, readBytes and openShards where
 *                   known; the policy is that of --stream, else of the file's name
 * --all             ranks every stream of the account and region by what its policy would save
 * --sandbox         reads from the sandbox that `reflex dev` keeps up on this machine
 * --set key=value   a change of the policy, such as targetUtilisation=0.7; may be given again
 * --fail-if 'refused > 0.1 %'   ends with 1 when it holds, for CI; also abandoned, delay, cost, saved and calls; of a node pool nodes,
 *                   saved, short, lacking, cost and changes; may be given again
 * --html <file>     writes the report with a plot, in one file that loads nothing
 * --json            all that was found, as JSON
 * --stage, --region, --profile   whose config, and where
 *
 * Ends with 1 when a --fail-if holds, 2 when an option, the file or the config is wrong.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { CloudWatchClient } from "@aws-sdk/client-cloudwatch";
import { KinesisClient } from "@aws-sdk/client-kinesis";
import { clientOptions } from "../../shared/aws/client-options.ts";
import type { ConfigFile } from "../../shared/config/file.ts";
import { configName, readConfigFile } from "../../shared/config/read-file.ts";
import { messageOf } from "../../shared/errors/message-of.ts";
import { Misconfigured } from "../../shared/lambda/errors.ts";
import { whileShown } from "../cli/progress.ts";
import { stageOptions } from "../stage/stage-options.ts";
import { type Clients, readCloudWatch } from "./history/cloudwatch.ts";
import { readCsv } from "./history/csv.ts";
import type { StreamHistory } from "./history/history.ts";
import { readContainerInsights } from "./node-pool/container-insights.ts";
import { readNodeCsv } from "./node-pool/csv.ts";
import { poolHtml } from "./node-pool/html.ts";
import { poolOf } from "./node-pool/pool.ts";
import { backtestPool, poolFailIf } from "./node-pool/report.ts";
import { poolText } from "./node-pool/text.ts";
import { type BacktestOptions, checkStreamName, optionsFrom } from "./options.ts";
import { policyOf } from "./policy.ts";
import { accountText, backtestAccount } from "./report/account.ts";
import { type FailIf, failIf } from "./report/fail-if.ts";
import { htmlOf } from "./report/html.ts";
import { backtest } from "./report/report.ts";
import { textOf } from "./report/text.ts";

const ROOT = join(import.meta.dirname, "..", "..");

try {
  process.exitCode = await run(optionsFrom(process.argv.slice(2)));
} catch (error) {
  if (!(error instanceof Misconfigured)) throw error;
  console.error(error.message);
  process.exitCode = 2;
}

async function run(options: BacktestOptions): Promise<number> {
  const config = readConfigFile(ROOT, configName(options.stage));
  if (options.all) {
    const window = { days: options.days, now: Date.now() };
    const clients = await clientsOf(options);
    const found = await whileShown("Reading every stream's metrics", () =>
      backtestAccount(config, clients, window),
    );
    console.log(options.json ? JSON.stringify(found, undefined, 2) : accountText(found));
    return found.streams.length === 0 && found.unread.length > 0 ? 1 : 0;
  }
  if (options.nodePool !== undefined) return runPool(options.nodePool, config, options);
  const conditions = options.failIfs.map(failIf);
  const history = await historyOf(options);
  const policy = policyOf(config, history.stream);
  const run = await whileShown("Running the policies", () => backtest(history, policy, options.settings));
  const { report } = run;
  return printed({ report, text: textOf, html: () => htmlOf(run) }, conditions, options);
}

async function runPool(name: string, config: ConfigFile, options: BacktestOptions): Promise<number> {
  const conditions = options.failIfs.map(poolFailIf);
  const found = poolOf(config, name, options.settings);
  const { cluster } = found;
  const { csv, days } = options;
  const history =
    csv === undefined
      ? await whileShown(`Reading ${days} days of ${cluster}`, async () =>
          readContainerInsights(cluster, (await clientsOf(options)).cloudwatch, { days, now: Date.now() }),
        )
      : { ...readNodeCsv(csv), cluster };
  const run = backtestPool(history, found);
  const { report } = run;
  return printed({ report, text: poolText, html: () => poolHtml(run) }, conditions, options);
}

/** What a backtest found, in each of its forms. */
interface Found<Report> {
  readonly report: Report;
  readonly text: (report: Report) => string;
  readonly html: () => string;
}

/** Prints and writes what was asked for. @returns the exit code */
function printed<Report>(
  { report, text, html }: Found<Report>,
  conditions: readonly FailIf<Report>[],
  options: BacktestOptions,
): number {
  if (options.html !== undefined) writePage(options.html, html());
  console.log(options.json ? JSON.stringify(report, undefined, 2) : text(report));
  if (options.html !== undefined && !options.json) console.log(`\nThe plot is in ${options.html}`);
  const failures = conditions.flatMap((condition) => condition(report) ?? []);
  for (const failure of failures) console.error(`--fail-if ${failure}`);
  return failures.length > 0 ? 1 : 0;
}

/** @throws {Misconfigured} where it cannot be written */
function writePage(file: string, page: string): void {
  try {
    writeFileSync(file, page);
  } catch (cause) {
    throw new Misconfigured(`--html: ${messageOf(cause)}: expected a file that can be written`, { cause });
  }
}

async function historyOf(options: BacktestOptions): Promise<StreamHistory> {
  const { csv, stream, days } = options;
  if (csv !== undefined) return csvOf(csv, stream);
  const clients = await clientsOf(options);
  return whileShown(`Reading ${days} days of ${stream}`, () =>
    readCloudWatch(stream ?? "", clients, { days, now: Date.now() }),
  );
}

/** The policy is that of `stream`, else of the stream that the file is named after. */
function csvOf(file: string, stream: string | undefined): StreamHistory {
  const history = readCsv(file);
  if (stream !== undefined) return { ...history, stream };
  checkStreamName(history.stream, `${file}: without --stream the file's name`);
  return history;
}

async function clientsOf(options: BacktestOptions): Promise<Clients> {
  if (options.sandbox) await useSandbox();
  const { aws } = await stageOptions(options);
  const all = { ...clientOptions(), ...aws };
  return { cloudwatch: new CloudWatchClient(all), kinesis: new KinesisClient(all) };
}

/**
 * Points the AWS clients at the sandbox, or at what the environment names.
 *
 * @throws {Misconfigured} when nothing answers there
 */
async function useSandbox(): Promise<void> {
  const { env } = process;
  env.AWS_ENDPOINT_URL ??= "http://127.0.0.1:4566";
  env.AWS_REGION ??= "us-east-1";
  env.AWS_ACCESS_KEY_ID ??= "sandbox";
  env.AWS_SECRET_ACCESS_KEY ??= "sandbox";
  const answers = await fetch(env.AWS_ENDPOINT_URL).catch(() => undefined);
  if (!answers) {
    throw new Misconfigured(
      `--sandbox: nothing answers at ${env.AWS_ENDPOINT_URL}, expected the sandbox: start it with npm run sandbox`,
    );
  }
}
