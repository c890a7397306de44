import { parseArgs } from "node:util";
import { Misconfigured } from "../../shared/lambda/errors.ts";
import { STAGE_OPTIONS } from "../stage/stage-options.ts";
import { poolFailIf } from "./node-pool/report.ts";
import { failIf } from "./report/fail-if.ts";

/** Minute datapoints are kept for 15 days. */
const MOST_DAYS = 15;
const DAYS = "14";

/** Kinesis' own rule. */
const STREAM_NAME = /^[\w.-]{1,128}$/;

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
  days: { type: "string" },
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
  const values = valuesOf(args);
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
  checkSource(values);
  for (const condition of values["fail-if"]) (nodePool === undefined ? failIf : poolFailIf)(condition);
  return {
    ...{
      days: daysFrom(values.days ?? DAYS),
      settings: set,
      failIfs: values["fail-if"],
      json,
      stage,
      sandbox,
      all,
    },
    ...(stream !== undefined && { stream }),
    ...(nodePool !== undefined && { nodePool }),
    ...(csv !== undefined && { csv }),
    ...(html !== undefined && { html }),
    ...(region !== undefined && { region }),
    ...(profile !== undefined && { profile }),
  };
}

const valuesOf = (args: readonly string[]) => parseArgs({ args: [...args], options: OPTIONS }).values;

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
  if (stream !== undefined) checkStreamName(stream, "--stream");
  const [other] = Object.entries(ofOne).filter(([, value]) => value !== undefined);
  if (all && other) {
    const about = nodePool === undefined ? "one stream" : "one node pool";
    throw new Misconfigured(`--all: found --${other[0]} too, which is about ${about}; expected one of them`);
  }
}

/** A file is read in place of CloudWatch, and as a whole. */
function checkSource({ csv, sandbox, days }: ReturnType<typeof valuesOf>): void {
  if (csv === undefined) return;
  const other = sandbox ? "--sandbox" : days === undefined ? undefined : "--days";
  if (other) {
    throw new Misconfigured(
      `${other}: found --csv too, whose rows are all taken in place of CloudWatch; expected one of them`,
    );
  }
}

/**
 * @param given where the name stands
 * @throws {Misconfigured} when it can be none of a stream
 */
export function checkStreamName(name: string, given: string): void {
  if (STREAM_NAME.test(name)) return;
  throw new Misconfigured(
    `${given}: found "${name}", expected the name of a stream: letters, digits, _ . and -`,
  );
}

function daysFrom(text: string): number {
  const days = Number(text);
  if (days > 0 && days <= MOST_DAYS) return days;
  throw new Misconfigured(
    `--days: found "${text}", expected a number above 0, at most ${MOST_DAYS}: CloudWatch keeps minutes no longer`,
  );
}
