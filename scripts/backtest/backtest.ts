/**
 * `npm run backtest -- --csv <file> [--stream <name>] [--set <key>=<value> …] [--fail-if <condition> …] [--json] [--stage dev]`: what
 * the policy of a stream would have done with its past traffic, beside what it has, a fixed count, on-demand and hindsight.
 *
 * --csv <file>      a row a minute: time, and bytes, records or both; refused, readBytes and openShards where known
 * --stream <name>   whose policy is taken from the config; without it the file's name
 * --set key=value   a change of the policy, such as targetUtilisation=0.7; may be given again
 * --fail-if 'refused > 0.1 %'   ends with 1 when it holds, for CI; also abandoned, delay, cost, saved and calls
 * --json            all that was found, as JSON
 *
 * Ends with 1 when a --fail-if holds, 2 when an option, the file or the config is wrong.
 */
import { join } from "node:path";
import { configName, readConfigFile } from "../../shared/config/read-file.ts";
import { Misconfigured } from "../../shared/lambda/errors.ts";
import { readCsv } from "./history/csv.ts";
import type { StreamHistory } from "./history/history.ts";
import { type BacktestOptions, optionsFrom } from "./options.ts";
import { policyOf } from "./policy.ts";
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
  const history = await historyOf(options);
  const { report } = backtest(history, policyOf(config, history.stream), options.settings);
  console.log(options.json ? JSON.stringify(report, undefined, 2) : textOf(report));
  const failures = options.failIfs.flatMap((condition) => condition(report) ?? []);
  for (const failure of failures) console.error(`--fail-if ${failure}`);
  return failures.length > 0 ? 1 : 0;
}

async function historyOf({ csv, stream }: BacktestOptions): Promise<StreamHistory> {
  if (csv === undefined) throw new Misconfigured("--csv: is missing");
  return { ...readCsv(csv), ...(stream !== undefined && { stream }) };
}
