import { parseArgs } from "node:util";
import { Misconfigured } from "../../shared/lambda/errors.ts";
import { STAGE_OPTIONS } from "../stage/stage-options.ts";
import { poolFailIf } from "./node-pool/report.ts";
import { failIf } from "./report/fail-if.ts";

/** Minute datapoints are kept for 15 days. */
const MOST_DAYS = 15;

/** What a backtest is asked for. */
export interface BacktestOptions {
  readonly stream?: string;
  /** `<cluster>/<pool>`. */
  readonly nodePool?: string;
  readonly days: number;
  readonly csv?: string;
  readonly sandbox: boolean;
  /** Every stream of the account, ranked. */
  readonly all: boolean;
  readonly settings: readonly string[];
  /** As they were given: what they may be about depends on what is run. */
  readonly failIfs: readonly string[];
  readonly json: boolean;
  readonly html?: string;
  readonly stage: string;
  readonly region?: string;
  readonly profile?: string;
}

const OPTIONS = {
  ...STAGE_OPTIONS,
  stream: { type: "string" },
  "node-pool": { type: "string" },
  days: { type: "string", default: "14" },
  csv: { type: "string" },
  sandbox: { type: "boolean", default: false },
  all: { type: "boolean", default: false },
  set: { type: "string", multiple: true, default: [] as string[] },
  "fail-if": { type: "string", multiple: true, default: [] as string[] },
  json: { type: "boolean", default: false },
  html: { type: "string" },
} as const;

/**
 * @throws {Misconfigured} when an option is wrong
 * @throws {Error} of `parseArgs` when there is no such option
 */
export function optionsFrom(args: readonly string[]): BacktestOptions {
  const { values } = parseArgs({ args: [...args], options: OPTIONS });
  const {
    stream,
    "node-pool": nodePool,
    csv,
    sandbox,
    all,
    set,
    json,
    html,
    stage,
    region,
    profile,
  } = values;
  checkSubject(
    { stream, "node-pool": nodePool, csv, html, set: set[0], "fail-if": values["fail-if"][0] },
    all,
  );
  for (const condition of values["fail-if"]) (nodePool === undefined ? failIf : poolFailIf)(condition);
  return {
    ...{ days: daysFrom(values.days), settings: set, failIfs: values["fail-if"], json, stage, sandbox, all },
    ...(stream !== undefined && { stream }),
    ...(nodePool !== undefined && { nodePool }),
    ...(csv !== undefined && { csv }),
    ...(html !== undefined && { html }),
    ...(region !== undefined && { region }),
    ...(profile !== undefined && { profile }),
  };
}

/** One stream, one node pool, a file, or all streams. */
function checkSubject(ofOne: Readonly<Record<string, string | undefined>>, all: boolean): void {
  const { stream, "node-pool": nodePool, csv } = ofOne;
  if (stream === undefined && nodePool === undefined && csv === undefined && !all) {
    throw new Misconfigured(
      "found none of --stream, --csv and --all, and no --node-pool: expected a stream or a node pool to read, a file, or all streams",
    );
  }
  if (stream !== undefined && nodePool !== undefined) {
    throw new Misconfigured("found --stream and --node-pool, expected one of them");
  }
  const [other] = Object.entries(ofOne).filter(([, value]) => value !== undefined);
  if (all && other) {
    const about = nodePool === undefined ? "one stream" : "one node pool";
    throw new Misconfigured(`--all: found --${other[0]} too, which is about ${about}; expected one of them`);
  }
}

function daysFrom(text: string): number {
  const days = Number(text);
  if (days > 0 && days <= MOST_DAYS) return days;
  throw new Misconfigured(
    `--days: found "${text}", expected a number above 0, at most ${MOST_DAYS}: CloudWatch keeps minutes no longer`,
  );
}
