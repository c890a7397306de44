import { randomUUID } from "node:crypto";
import * as z from "zod/mini";
import { ACCOUNT_ID, DEFAULT_REGION, type Service } from "../service.ts";
import { answer, type Operation } from "../wire/answer.ts";
import { AwsError } from "../wire/error.ts";
import { page } from "../wire/page.ts";
import { parse } from "../wire/parse.ts";
import { fieldsOf } from "./event.ts";
import { parsePattern } from "./filter-pattern.ts";
import { parseQuery } from "./insights.ts";
import { createLines, type Lines, type LinesOptions } from "./lines.ts";

export interface LogsOptions extends LinesOptions {
  readonly region?: string;
}

const CODE = "InvalidParameterException";

const Groups = z.looseObject({
  logGroupNamePrefix: z.optional(z.string()),
  nextToken: z.optional(z.string()),
});
const Filter = z.looseObject({
  logGroupName: z.string(),
  startTime: z.optional(z.number()),
  endTime: z.optional(z.number()),
  filterPattern: z.optional(z.string()),
  limit: z.optional(z.number()),
  nextToken: z.optional(z.string()),
});
const Start = z.looseObject({
  logGroupName: z.optional(z.string()),
  logGroupNames: z.optional(z.array(z.string())),
  startTime: z.number(),
  endTime: z.number(),
  queryString: z.string(),
  limit: z.optional(z.number()),
});
const Results = z.looseObject({ queryId: z.string() });

/** CloudWatch Logs: what the functions wrote, by filter patterns and by queries of Logs Insights, each done at once. */
export function createLogs({ region = DEFAULT_REGION, ...options }: LogsOptions): Service {
  const lines = createLines(options);
  const service = {
    name: "CloudWatch Logs",
    operations: { ...reading(lines, region), ...querying(lines) },
    xmlNamespace: "",
  };
  return { signingNames: ["logs"], handle: (request) => answer(service, request) };
}

const reading = (lines: Lines, region: string): Readonly<Record<string, Operation>> => ({
  DescribeLogGroups: (input) => {
    const { logGroupNamePrefix: prefix = "", nextToken } = parse(Groups, input, CODE);
    const names = lines.groups().filter((name) => name.startsWith(prefix));
    const found = page(names, nextToken, 50);
    const logGroups = found.items.map((logGroupName) => ({
      logGroupName,
      arn: `arn:aws:logs:${region}:${ACCOUNT_ID}:log-group:${logGroupName}:*`,
    }));
    return { logGroups, nextToken: found.nextToken };
  },
  FilterLogEvents: (input) => {
    const {
      logGroupName,
      startTime = 0,
      endTime,
      filterPattern = "",
      ...wanted
    } = parse(Filter, input, CODE);
    const matches = parsePattern(filterPattern);
    const all = lines.events(logGroupName, startTime, endTime ?? Number.POSITIVE_INFINITY);
    const found = page(
      all.filter(({ message }) => matches(message)),
      wanted.nextToken,
      wanted.limit ?? 10_000,
    );
    const events = found.items.map(({ stream, id, timestamp, message }) => ({
      ...{ logStreamName: stream, eventId: id, timestamp, ingestionTime: timestamp, message },
    }));
    return { events, searchedLogStreams: [], nextToken: found.nextToken };
  },
});

function querying(lines: Lines): Readonly<Record<string, Operation>> {
  const answers = new Map<string, object>();
  return {
    StartQuery: (input) => {
      const { logGroupName, logGroupNames = [], ...given } = parse(Start, input, CODE);
      const groups = [...logGroupNames, ...(logGroupName === undefined ? [] : [logGroupName])];
      if (groups.length === 0) throw new AwsError(CODE, "a query needs at least one log group");
      const query = parseQuery(given.queryString);
      // Logs Insights takes its times in seconds.
      const [from, to] = [given.startTime * 1000, given.endTime * 1000 + 999];
      const newestFirst = groups.flatMap((group) => lines.events(group, from, to)).toReversed();
      const results = query.run(newestFirst.map(fieldsOf)).slice(0, given.limit);
      const queryId = randomUUID();
      answers.set(queryId, {
        status: "Complete",
        results: results.map((row) => row.map(([field, value]) => ({ field, value }))),
        statistics: { recordsScanned: newestFirst.length, recordsMatched: results.length, bytesScanned: 0 },
      });
      return { queryId };
    },
    GetQueryResults: (input) => {
      const { queryId } = parse(Results, input, CODE);
      const found = answers.get(queryId);
      if (!found) throw new AwsError("ResourceNotFoundException", "The specified query does not exist.");
      return found;
    },
  };
}
