import { checkStatistic } from "../metrics/statistic.ts";
import { type Expression, invalid } from "./syntax.ts";

/**
 * `SEARCH('{Namespace,Dimension,…} Name="value" …', 'Statistic', Period)`: all metrics of a schema whose name,
 * namespace or dimensions are exactly those values. Of CloudWatch's own syntax
 * (https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/search-expression-syntax.html) not simulated
 * are words without a designator, partial matches, AND, OR and NOT; each is refused.
 */
export interface Search {
  readonly namespace: string;
  /** A metric is found when it has these dimensions and no others. */
  readonly dimensions: readonly string[];
  /** `MetricName`, `Namespace` or a dimension, and the value it must have. */
  readonly terms: readonly { readonly name: string; readonly value: string }[];
  readonly statistic: string;
  /** Seconds. */
  readonly period: number;
}

/** CloudWatch takes no longer query. */
const LONGEST_QUERY = 1024;

const SCHEMA = /^\s*\{([^{}]*)\}/;
const NAME = /^\s*(?:"([^"]*)"|([^\s",]+))\s*$/;
const TERM = /\s*([A-Za-z_][\w.:-]*)\s*=\s*"([^"]*)"/y;

/**
 * Reads the arguments of SEARCH in the expression `source`.
 *
 * @throws {AwsError} ValidationError, saying what is wrong or not simulated
 */
export function readSearch(source: string, args: readonly Expression[]): Search {
  const [query, statistic, period, ...others] = args;
  if (
    query?.kind !== "text" ||
    statistic?.kind !== "text" ||
    period?.kind !== "number" ||
    others.length > 0
  ) {
    throw invalid(source, "SEARCH takes the query and the statistic in quotes and the period in seconds");
  }
  if (query.value.length > LONGEST_QUERY) {
    throw invalid(
      source,
      `SEARCH takes a query of up to ${LONGEST_QUERY} characters, not ${query.value.length}`,
    );
  }
  checkStatistic(statistic.value);
  if (period.value < 60 || period.value % 60 !== 0) {
    throw invalid(source, `SEARCH has the period ${period.value}: the sandbox keeps one-minute datapoints`);
  }
  return { ...readQuery(source, query.value), statistic: statistic.value, period: period.value };
}

function readQuery(source: string, query: string): Pick<Search, "namespace" | "dimensions" | "terms"> {
  const [schema, inside = ""] = SCHEMA.exec(query) ?? [];
  if (schema === undefined) {
    throw invalid(
      source,
      "the sandbox's SEARCH needs a metric schema first, such as {AWS/Kinesis,StreamName}",
    );
  }
  const [namespace = "", ...dimensions] = inside.split(",").map((part) => nameIn(source, part));
  return { namespace, dimensions, terms: readTerms(source, query, schema.length) };
}

function nameIn(source: string, part: string): string {
  const [, quoted, bare] = NAME.exec(part) ?? [];
  const name = quoted ?? bare;
  if (name) return name;
  throw invalid(source, `SEARCH has "${part.trim()}" in its metric schema, which is no name`);
}

function readTerms(source: string, query: string, from: number): Search["terms"] {
  const end = query.trimEnd().length;
  const terms: Search["terms"][number][] = [];
  TERM.lastIndex = from;
  while (TERM.lastIndex < end) {
    const position = TERM.lastIndex;
    const [term, name = "", value = ""] = TERM.exec(query) ?? [];
    if (term === undefined) {
      throw invalid(
        source,
        `the sandbox's SEARCH has terms like MetricName="IncomingBytes" only, not "${query.slice(position).trim()}"`,
      );
    }
    terms.push({ name, value });
  }
  return terms;
}
