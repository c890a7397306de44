import * as z from "zod/mini";
import { Misconfigured } from "../../../shared/lambda/errors.ts";

/**
 * What the event-source mapping hands over: the records of one shard, in order.
 * https://docs.aws.amazon.com/lambda/latest/dg/with-kinesis.html
 */
export interface KinesisBatch {
  /** The stream's name, from the records' ARN. */
  readonly stream: string;
  /** `shardId-000000000000`. */
  readonly shard: string;
  readonly records: readonly KinesisRecord[];
  /** Set by `npm run redrive` alone: the records have come before. */
  readonly redrive?: Redrive | undefined;
}

export interface Redrive {
  /** In mode `append`: take the place of what the table holds under the same id. */
  readonly overwrite: boolean;
}

export interface KinesisRecord {
  readonly kinesis: {
    readonly partitionKey: string;
    /** Up to 129 digits: text, never a number. */
    readonly sequenceNumber: string;
    /** base64 */
    readonly data: string;
    /** Seconds since the epoch, with a fraction. */
    readonly approximateArrivalTimestamp: number;
    /** Set by `npm run redrive` alone: `data` is this sub-record of the record, by itself. */
    readonly subSequenceNumber?: number | undefined;
    /** Set by `npm run redrive` alone: `data` is this event of a record that held several. */
    readonly eventNumber?: number | undefined;
  };
}

const SEQUENCE_NUMBER = /^(0|[1-9][0-9]{0,128})$/;

const Event = z.object({
  redrive: z.optional(z.object({ overwrite: z.boolean() })),
  Records: z.array(
    z.object({
      eventID: z.string().check(z.regex(/^.+:[0-9]+$/)),
      eventSourceARN: z.string().check(z.regex(/^arn:[^:]+:kinesis:[^:]*:[^:]*:stream\/[^/]+/)),
      kinesis: z.object({
        partitionKey: z.string(),
        sequenceNumber: z.string().check(z.regex(SEQUENCE_NUMBER)),
        data: z.string(),
        approximateArrivalTimestamp: z.number(),
        subSequenceNumber: z.optional(z.int().check(z.minimum(0))),
        eventNumber: z.optional(z.int().check(z.minimum(0))),
      }),
    }),
  ),
});

/**
 * Reads the event. `undefined` for an event without records, which the mapping may send.
 * @throws Misconfigured if it is no Kinesis event, or of more than one shard.
 */
export function readKinesisEvent(event: unknown): KinesisBatch | undefined {
  const parsed = Event.safeParse(event);
  if (!parsed.success) throw new Misconfigured(describe(parsed.error));
  const records = parsed.data.Records;
  const first = records[0];
  if (first === undefined) return undefined;
  const stream = streamOf(first.eventSourceARN);
  const shard = shardOf(first.eventID);
  for (const record of records) {
    if (streamOf(record.eventSourceARN) === stream && shardOf(record.eventID) === shard) continue;
    throw new Misconfigured(
      `The event holds records of ${stream}/${shard} and of ${streamOf(record.eventSourceARN)}/${shardOf(record.eventID)}: ` +
        "a Kinesis event-source mapping sends one shard at a time. Nothing was written.",
    );
  }
  return { stream, shard, records, redrive: parsed.data.redrive };
}

function streamOf(arn: string): string {
  return arn.split("/", 2)[1] ?? arn;
}

function shardOf(eventId: string): string {
  return eventId.slice(0, eventId.lastIndexOf(":"));
}

function describe(error: z.core.$ZodError): string {
  const issue = error.issues[0];
  const path = issue?.path.join(".") || "the event";
  return `Not a Kinesis event: ${path}: ${issue?.message}. Nothing was written.`;
}
