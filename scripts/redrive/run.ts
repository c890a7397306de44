/**
 * `npm run redrive -- --queue …`: puts quarantined records, and batches that Lambda gave up, back. Ends with 0 when all
 * of it was, 1 when some of it is still in the queue, gone or quarantined again, and 2 when it could not be done at all.
 */

import { parseArgs } from "node:util";
import { LambdaClient } from "@aws-sdk/client-lambda";
import { S3Client } from "@aws-sdk/client-s3";
import { GetQueueUrlCommand, SQSClient } from "@aws-sdk/client-sqs";
import { messageOf } from "../../shared/errors/message-of.ts";
import { systemClock } from "../../shared/time/clock.ts";
import { endWith, WrongArgument } from "../cli/end.ts";
import { kinesisClient } from "../stage/kinesis-client.ts";
import { STAGE_OPTIONS, stageOptions } from "../stage/stage-options.ts";
import { stageQuarantine } from "./large-records.ts";
import { queueClock } from "./queue-clock.ts";
import { type Redriven, redrive } from "./redrive.ts";
import { stageOf } from "./stage.ts";

const USAGE = `npm run redrive -- --queue <name or URL> [options]

  --queue     the quarantine (reflex-dev-quarantine) or the batches Lambda gave up (reflex-dev-failed-batches)
              its name says the stage: records go through reflex-<stage>-ingest-events
  --region    where; as the AWS CLI finds it when absent
  --profile   a profile of the AWS CLI
  --reason    only these, for example no-id; may be given more than once; all when absent
  --max       at most so many messages; 1000 when absent
  --overwrite in mode append: take the place of what the table holds under the same id; without it, that stays
  --dry-run   say what is in the queue, by reason, and leave it there
  --json      one object for machines: putBack, failed, gone, and left and again by reason
`;

interface Arguments {
  readonly queue: string;
  readonly overwrite: boolean;
  readonly region?: string | undefined;
  readonly profile?: string | undefined;
  readonly reasons: readonly string[];
  readonly max: number;
  readonly dryRun: boolean;
  readonly json: boolean;
}

function readArguments(args: readonly string[]): Arguments {
  const { queue, reason, max, overwrite, region, profile, "dry-run": dryRun, json } = parsed(args);
  if (queue === undefined) throw new WrongArgument("--queue is missing");
  const most = Number(max);
  if (!Number.isInteger(most) || most < 1) {
    throw new WrongArgument(`--max: found "${max}", expected a whole number of messages`);
  }
  return { queue, overwrite, region, profile, reasons: reason, max: most, dryRun, json };
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        queue: { type: "string" },
        region: STAGE_OPTIONS.region,
        profile: STAGE_OPTIONS.profile,
        overwrite: { type: "boolean", default: false },
        reason: { type: "string", multiple: true, default: [] },
        max: { type: "string", default: "1000" },
        "dry-run": { type: "boolean", default: false },
        json: { type: "boolean", default: false },
      },
    }).values;
  } catch (error) {
    throw new WrongArgument(messageOf(error));
  }
}

/** @returns how many messages could not be put back or are quarantined again, and how many records nobody has any more */
async function main({ queue, overwrite, reasons, max, dryRun, json, ...where }: Arguments): Promise<number> {
  const { stage, aws } = await stageOptions({ stage: stageOf(queue), ...where });
  const sqs = new SQSClient({ ...aws, useQueueUrlAsEndpoint: false });
  const named = queue.includes("/")
    ? queue
    : (await sqs.send(new GetQueueUrlCommand({ QueueName: queue }))).QueueUrl;
  const queueUrl = named ?? queue;
  const say = json ? console.error : console.log;
  const s3 = new S3Client(aws);
  const region = await s3.config.region();
  const redriven = await redrive(
    {
      queueUrl,
      functionName: `reflex-${stage}-ingest-events`,
      overwrite,
      reasons,
      max,
      dryRun,
    },
    {
      sqs,
      s3,
      quarantine: stageQuarantine({ sqs, s3 }, { stage, queueUrl, region }, say),
      kinesis: kinesisClient(aws),
      lambda: new LambdaClient(aws),
      clock: await queueClock(sqs, queueUrl, systemClock),
    },
    say,
  );
  if (json) console.log(JSON.stringify(redrivenJson(redriven), undefined, 2));
  else print(redriven, dryRun);
  const quarantined = [...redriven.again.values()].reduce((sum, count) => sum + count, 0);
  return redriven.failed + redriven.gone + quarantined;
}

const redrivenJson = ({ putBack, failed, gone, left, again }: Redriven) => ({
  putBack,
  failed,
  gone,
  left: Object.fromEntries(left),
  again: Object.fromEntries(again),
});

function print({ putBack, failed, left, again }: Redriven, dryRun: boolean): void {
  for (const [reason, count] of left) console.log(`${reason}: ${count} left in the queue`);
  if (dryRun) console.log("Only looked: nothing was put back.");
  else if (putBack + failed === 0) console.log("Nothing to put back.");
  else console.log(`Messages put back: ${putBack}; not put back: ${failed}.`);
  for (const [reason, count] of again) {
    console.log(`${reason}: ${count} of them in the quarantine again: they cannot be stored as they are`);
  }
}

await endWith(
  () => main(readArguments(process.argv.slice(2))),
  USAGE,
  (message) =>
    `The redrive could not go on: ${message}. Nothing is lost: what it had in hand is in the queue again after five minutes.`,
);
