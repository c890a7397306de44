/**
 * `npm run ingest -- preview|replay|check --stream …`: what the function would write, shown without writing; a part of a
 * stream through the function again; a policy beside a sample of events. Ends with 0 when all is well, 1 when something
 * would be quarantined, was left, or is in no event of the sample, and 2 when it could not be done at all.
 */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { DescribeStreamSummaryCommand, type KinesisClient } from "@aws-sdk/client-kinesis";
import { LambdaClient } from "@aws-sdk/client-lambda";
import { ingestSchema, landingFor, type StreamLanding } from "../../functions/ingest-events/config/policy.ts";
import type { IngestConfig } from "../../functions/ingest-events/config/schema.ts";
import { parseSection } from "../../shared/config/load.ts";
import { readConfigFile } from "../../shared/config/read-file.ts";
import { messageOf } from "../../shared/errors/message-of.ts";
import { Misconfigured } from "../../shared/lambda/errors.ts";
import { systemClock } from "../../shared/time/clock.ts";
import { endWith, WrongArgument } from "../cli/end.ts";
import { kinesisClient } from "../stage/kinesis-client.ts";
import { STAGE_OPTIONS, stageOptions } from "../stage/stage-options.ts";
import { land } from "./land.ts";
import { preview, sampleEvents, unusedSources } from "./preview.ts";
import { readStream } from "./read-stream.ts";

const USAGE = `npm run ingest -- <command> --stream <name> [options]

  preview   reads the stream, and shows what would be written; writes nothing and moves no checkpoint
  replay    brings a part of the stream to the function again; what is stored already stays as it is
  check     says which paths of the policy no event of a sample has: --sample events.json

  --stage   whose config and function: dev when absent
  --from    from this time on (ISO 8601, such as 2026-11-01T00:00Z); from the oldest record when absent
  --to      up to this time; up to now when absent
  --max     at most so many records a shard: 100 for preview, all for replay when absent
  --sample  a file with a list of events, or one event a line
`;

function readArguments(args: readonly string[]) {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        stream: { type: "string" },
        ...STAGE_OPTIONS,
        from: { type: "string" },
        to: { type: "string" },
        max: { type: "string" },
        sample: { type: "string" },
      },
    });
    const [command = ""] = positionals;
    const { stream } = values;
    if (stream === undefined) throw new WrongArgument("--stream is missing");
    const max = Number(values.max ?? (command === "preview" ? 100 : Number.MAX_SAFE_INTEGER));
    if (!Number.isInteger(max) || max < 1) {
      throw new WrongArgument(`--max: found "${values.max}", expected a whole number of records`);
    }
    const toMs = timeOf("--to", values.to) ?? systemClock.now();
    return { ...values, command, stream, max, fromMs: timeOf("--from", values.from), toMs };
  } catch (error) {
    throw error instanceof WrongArgument ? error : new WrongArgument(messageOf(error));
  }
}

function timeOf(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const time = Date.parse(text);
  if (Number.isNaN(time))
    throw new WrongArgument(`${option}: found "${text}", expected a time such as 2026-11-01T00:00Z`);
  return time;
}

type Arguments = ReturnType<typeof readArguments>;

/** @returns how much of it is not well */
async function main(args: Arguments): Promise<number> {
  const config = configOf(args.stage);
  const landing = landingFor(config, args.stream);
  if (landing === undefined) throw new WrongArgument(`ingest.streams.${args.stream}: is not in the config`);
  const given = config.streams[args.stream]?.mapping.streamArn;
  switch (args.command) {
    case "preview":
      return previewStream(args, landing, given);
    case "replay":
      return replayStream(args, given);
    case "check":
      return checkSample(args, landing);
    default:
      throw new WrongArgument(`found "${args.command}", expected preview, replay or check`);
  }
}

/** @throws {Misconfigured} naming everything that is wrong in the section */
function configOf(stage: string): IngestConfig {
  const root = join(import.meta.dirname, "../..");
  const given = process.env.REFLEX_CONFIG;
  const file = readConfigFile(
    root,
    given?.endsWith(".yml") ? given : join(given ?? "config", `${stage}.yml`),
  );
  const parsed = parseSection(file, "ingest", ingestSchema);
  if ("problems" in parsed) throw new Misconfigured(parsed.problems.join("\n"));
  return parsed.value;
}

async function streamArnOf(kinesis: KinesisClient, name: string, given: string | undefined): Promise<string> {
  if (given !== undefined) return given;
  const answer = await kinesis.send(new DescribeStreamSummaryCommand({ StreamName: name }));
  return answer.StreamDescriptionSummary?.StreamARN ?? name;
}

async function previewStream(
  { stream, fromMs, toMs, max, ...where }: Arguments,
  landing: StreamLanding,
  given: string | undefined,
): Promise<number> {
  const { aws } = await stageOptions(where);
  const kinesis = kinesisClient(aws);
  const streamArn = await streamArnOf(kinesis, stream, given);
  let wouldQuarantine = 0;
  for await (const Records of readStream(kinesis, { streamArn, fromMs, toMs, maxRecords: max })) {
    const { writes, dropped, quarantined, items, details } = preview({ Records }, landing);
    for (const { table, item } of items) console.log(`${table}: ${JSON.stringify(item)}`);
    for (const detail of details) console.log(`would be quarantined: ${detail}`);
    const bad = [...quarantined.values()].reduce((sum, count) => sum + count, 0);
    wouldQuarantine += bad;
    console.log(
      `${Records[0]?.eventID.split(":")[0]}: ${Records.length} records: ${writes} items, ${bad} quarantined, ${dropped} dropped`,
    );
  }
  console.log("Only looked: nothing was written.");
  return wouldQuarantine;
}

async function replayStream(
  { stream, fromMs, toMs, max, ...where }: Arguments,
  given: string | undefined,
): Promise<number> {
  const { stage, aws } = await stageOptions(where);
  const [kinesis, lambda] = [kinesisClient(aws), new LambdaClient(aws)];
  const streamArn = await streamArnOf(kinesis, stream, given);
  const options = { functionName: `reflex-${stage}-ingest-events`, overwrite: false };
  let replayed = 0;
  for await (const records of readStream(kinesis, { streamArn, fromMs, toMs, maxRecords: max })) {
    const { isDone, reason = "not dealt with" } = await land(lambda, options, records);
    const left = records.filter((record) => !isDone(record));
    replayed += records.length - left.length;
    const [first] = left;
    if (first === undefined) continue;
    // What comes after it must not be written before it.
    console.log(
      `${replayed} records replayed; stopped at ${first.eventID}: ${reason}. Begin again from there.`,
    );
    return left.length;
  }
  console.log(`${replayed} records replayed. What cannot be stored is in the quarantine.`);
  return 0;
}

function checkSample({ stream, sample }: Arguments, landing: StreamLanding): number {
  if (sample === undefined) throw new WrongArgument("--sample is missing");
  const text = readFileSync(sample, "utf8");
  const list: unknown = text.trimStart().startsWith("[") ? JSON.parse(text) : undefined;
  const texts = Array.isArray(list)
    ? list.map((event) => JSON.stringify(event))
    : text.split("\n").filter((line) => line.trim() !== "");
  const events = sampleEvents(texts, landing);
  const unused = unusedSources(events, landing, { stream, shard: "sample" });
  for (const source of unused) console.log(`ingest.streams.${stream}: no event of ${sample} has ${source}`);
  console.log(`${events.length} events of ${texts.length} records read.`);
  return unused.length + (events.length === 0 ? 1 : 0);
}

await endWith(
  () => main(readArguments(process.argv.slice(2))),
  USAGE,
  (message) => `It could not be done: ${message}.`,
);
