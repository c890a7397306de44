/** `npm run redrive -- --queue …`: puts quarantined records, and batches that Lambda gave up, back. */
import { parseArgs } from "node:util";
import { KinesisClient } from "@aws-sdk/client-kinesis";
import { LambdaClient } from "@aws-sdk/client-lambda";
import { S3Client } from "@aws-sdk/client-s3";
import { GetQueueUrlCommand, SQSClient } from "@aws-sdk/client-sqs";
import { systemClock } from "../shared/time/clock.ts";
import { redrive } from "./redrive/redrive.ts";

const USAGE = `npm run redrive -- --queue <name or URL> [options]

  --queue     the quarantine (reflex-dev-quarantine) or the batches Lambda gave up (reflex-dev-failed-batches)
  --stage     whose function they go through: reflex-<stage>-ingest-events; dev when absent
  --reason    only these, for example no-id; may be given more than once; all when absent
  --max       at most so many messages; 1000 when absent
  --dry-run   say what is in the queue, by reason, and leave it there
`;

const { values } = parseArgs({
  options: {
    queue: { type: "string" },
    stage: { type: "string", default: "dev" },
    reason: { type: "string", multiple: true, default: [] },
    max: { type: "string", default: "1000" },
    "dry-run": { type: "boolean", default: false },
  },
});
const max = Number(values.max);

if (values.queue === undefined || !Number.isInteger(max) || max < 1) {
  console.error(USAGE);
  process.exitCode = 2;
} else {
  const sqs = new SQSClient({ useQueueUrlAsEndpoint: false });
  const isUrl = values.queue.includes("/");
  const found = isUrl ? undefined : await sqs.send(new GetQueueUrlCommand({ QueueName: values.queue }));
  const { putBack, failed, left } = await redrive(
    {
      queueUrl: found?.QueueUrl ?? values.queue,
      functionName: `reflex-${values.stage}-ingest-events`,
      reasons: values.reason,
      max,
      dryRun: values["dry-run"],
    },
    {
      sqs,
      s3: new S3Client(),
      kinesis: new KinesisClient(),
      lambda: new LambdaClient(),
      clock: systemClock,
    },
    console.log,
  );
  for (const [reason, count] of left) console.log(`${reason}: ${count} left in the queue`);
  console.log(
    `${putBack} messages put back, ${failed} not. What still cannot be stored is in the quarantine again.`,
  );
  process.exitCode = failed === 0 ? 0 : 1;
}
