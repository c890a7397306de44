import { parseArgs } from "node:util";
import { Misconfigured } from "../../shared/lambda/errors.ts";
import { STAGE_OPTIONS } from "../stage/stage-options.ts";
import { type FailIf, failIf } from "./report/fail-if.ts";

/** Minute datapoints are kept for 15 days. */
const MOST_DAYS = 15;

/** What a backtest is asked for. */
export interface BacktestOptions {
  readonly stream?: string;
  readonly days: number;
  readonly csv?: string;
  readonly sandbox: boolean;
  /** Every stream of the account, ranked. */
  readonly all: boolean;
  readonly settings: readonly string[];
  readonly failIfs: readonly FailIf[];
  readonly json: boolean;
  readonly html?: string;
  readonly stage: string;
  readonly region?: string;
  readonly profile?: string;
}

/**
 * @throws {Misconfigured} when an option is wrong
 * @throws {Error} of `parseArgs` when there is no such option
 */
export function optionsFrom(args: readonly string[]): BacktestOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      ...STAGE_OPTIONS,
      stream: { type: "string" },
      days: { type: "string", default: "14" },
      csv: { type: "string" },
      sandbox: { type: "boolean", default: false },
      all: { type: "boolean", default: false },
      set: { type: "string", multiple: true, default: [] },
      "fail-if": { type: "string", multiple: true, default: [] },
      json: { type: "boolean", default: false },
      html: { type: "string" },
    },
  });
  const { stream, csv, sandbox, all, set, json, html, stage, region, profile } = values;
  if (stream === undefined && csv === undefined && !all) {
    throw new Misconfigured(
      "found none of --stream, --csv and --all, expected a stream to read, a file, or all streams",
    );
  }
  const ofOne = Object.entries({ stream, csv, html, set: set[0], "fail-if": values["fail-if"][0] });
  const [other] = ofOne.filter(([, value]) => value !== undefined);
  if (all && other) {
    throw new Misconfigured(
      `--all: found --${other[0]} too, which is about one stream; expected one of them`,
    );
  }
  const days = Number(values.days);
  if (!(days > 0 && days <= MOST_DAYS)) {
    throw new Misconfigured(
      `--days: found "${values.days}", expected a number above 0, at most ${MOST_DAYS}: CloudWatch keeps minutes no longer`,
    );
  }
  return {
    ...{ days, settings: set, failIfs: values["fail-if"].map(failIf), json, stage, sandbox, all },
    ...(stream !== undefined && { stream }),
    ...(csv !== undefined && { csv }),
    ...(html !== undefined && { html }),
    ...(region !== undefined && { region }),
    ...(profile !== undefined && { profile }),
  };
}
