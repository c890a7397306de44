import { GetQueueAttributesCommand, type SQSClient } from "@aws-sdk/client-sqs";
import type { Clock } from "../../shared/time/clock.ts";

/**
 * The queue's own time, as the answer to a call says it (to the second): messages are dated by it, and the clock here may
 * be minutes off.
 */
export async function queueClock(sqs: SQSClient, QueueUrl: string, local: Clock): Promise<Clock> {
  let date: string | undefined;
  const command = new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["QueueArn"] });
  command.middlewareStack.add(
    (next) => async (args) => {
      const result = await next(args);
      const { headers } = result.response as { readonly headers?: Readonly<Record<string, string>> };
      date = headers?.date;
      return result;
    },
    { name: "QueueDate", step: "deserialize", priority: "low" },
  );
  await sqs.send(command);
  const server = date === undefined ? Number.NaN : Date.parse(date);
  const offset = Number.isNaN(server) ? 0 : server - local.now();
  return { now: () => local.now() + offset };
}
