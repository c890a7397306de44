import * as z from "zod/mini";
import { notSimulated } from "../not-simulated.ts";
import { ACCOUNT_ID, type CreatedResource, type Properties, type ResourceType } from "../service.ts";
import { parse } from "../wire/parse.ts";
import { integer } from "../wire/scalars.ts";
import type { CallKinesis } from "./call.ts";

const StreamProperties = z.looseObject({
  Name: z.optional(z.string()),
  ShardCount: z.optional(integer),
  RetentionPeriodHours: z.optional(integer),
  StreamModeDetails: z.optional(z.object({ StreamMode: z.enum(["PROVISIONED", "ON_DEMAND"]) })),
  StreamEncryption: z.optional(z.object({ EncryptionType: z.string(), KeyId: z.string() })),
  Tags: z.optional(z.array(z.object({ Key: z.string(), Value: z.string() }))),
});

const DEFAULT_RETENTION_HOURS = 24;

/**
 * `AWS::Kinesis::Stream`.
 *
 * @param forget what is known of a stream of that name: there is another now, or none
 */
export function streamResource(
  call: CallKinesis,
  region: string,
  forget: (stream: string) => void,
): ResourceType {
  return async (logicalId, properties) => {
    const wanted = parse(StreamProperties, properties);
    const StreamName = wanted.Name ?? logicalId;
    await must("CreateStream", {
      StreamName,
      ...(wanted.StreamModeDetails && { StreamModeDetails: wanted.StreamModeDetails }),
      ...(wanted.StreamModeDetails?.StreamMode !== "ON_DEMAND" && { ShardCount: wanted.ShardCount ?? 1 }),
    });
    await untilActive(call, StreamName);
    if ((wanted.RetentionPeriodHours ?? 0) > DEFAULT_RETENTION_HOURS) {
      const { RetentionPeriodHours } = wanted;
      await must("IncreaseStreamRetentionPeriod", { StreamName, RetentionPeriodHours });
    }
    if (wanted.Tags && wanted.Tags.length > 0) {
      const Tags = Object.fromEntries(wanted.Tags.map(({ Key, Value }) => [Key, Value]));
      await must("AddTagsToStream", { StreamName, Tags });
    }
    if (wanted.StreamEncryption)
      await must("StartStreamEncryption", { StreamName, ...wanted.StreamEncryption });
    return stream(logicalId, StreamName, properties);
  };

  function stream(logicalId: string, StreamName: string, properties: Properties): CreatedResource {
    return {
      ref: StreamName,
      attributes: { Arn: `arn:aws:kinesis:${region}:${ACCOUNT_ID}:stream/${StreamName}` },
      notSimulated: notSimulated(logicalId, properties, Object.keys(StreamProperties.shape)),
      update: async (changed) => {
        const [before, now] = [parse(StreamProperties, properties), parse(StreamProperties, changed)];
        if ((now.Name ?? logicalId) !== StreamName) return undefined;
        // As CloudFormation does: only where the template says another number than before.
        if (now.ShardCount !== undefined && now.ShardCount !== before.ShardCount) {
          const wanted = { TargetShardCount: now.ShardCount, ScalingType: "UNIFORM_SCALING" };
          await must("UpdateShardCount", { StreamName, ...wanted });
          await untilActive(call, StreamName);
        }
        return stream(logicalId, StreamName, changed);
      },
      remove: async () => {
        await must("DeleteStream", { StreamName, EnforceConsumerDeletion: true });
        await untilGone(call, StreamName);
        forget(StreamName);
      },
    };
  }

  async function must(operation: string, input: object): Promise<void> {
    if (await call(operation, input)) return;
    throw new Error(`kinesis-local refused ${operation}: ${JSON.stringify(input)}`);
  }
}

/** A stream is CREATING for a moment (1 ms), and refuses changes until then. */
async function untilActive(call: CallKinesis, StreamName: string): Promise<void> {
  const Summary = z.object({ StreamDescriptionSummary: z.object({ StreamStatus: z.string() }) });
  for (let attempt = 0; attempt < 100; attempt += 1) {
    const summary = z.safeParse(Summary, await call("DescribeStreamSummary", { StreamName }));
    if (summary.data?.StreamDescriptionSummary.StreamStatus === "ACTIVE") return;
  }
  throw new Error(`The stream ${StreamName} did not become ACTIVE.`);
}

async function untilGone(call: CallKinesis, StreamName: string): Promise<void> {
  for (let attempt = 0; attempt < 100; attempt += 1) {
    if (!(await call("DescribeStreamSummary", { StreamName }))) return;
  }
  throw new Error(`The stream ${StreamName} did not go.`);
}

const ConsumerProperties = z.looseObject({ ConsumerName: z.string(), StreamARN: z.string() });
const Consumer = z.object({
  ConsumerARN: z.string(),
  ConsumerName: z.string(),
  ConsumerStatus: z.string(),
  ConsumerCreationTimestamp: z.number(),
});

/** `AWS::Kinesis::StreamConsumer`: it is read as the stream is, with GetRecords. */
export function consumerResource(call: CallKinesis): ResourceType {
  return async (logicalId, properties) => {
    const { ConsumerName, StreamARN } = parse(ConsumerProperties, properties);
    const registered = await call("RegisterStreamConsumer", { ConsumerName, StreamARN });
    if (!registered) throw new Error(`kinesis-local refused the consumer ${ConsumerName} of ${StreamARN}`);
    const { ConsumerARN } = z.parse(
      z.object({ Consumer: z.looseObject({ ConsumerARN: z.string() }) }),
      registered,
    ).Consumer;
    const made = await untilConsumerActive(call, ConsumerARN);
    return {
      ref: ConsumerARN,
      attributes: {
        ConsumerARN,
        ConsumerName,
        ConsumerStatus: made.ConsumerStatus,
        ConsumerCreationTimestamp: String(made.ConsumerCreationTimestamp),
        StreamARN,
      },
      notSimulated: notSimulated(logicalId, properties, [...Object.keys(ConsumerProperties.shape), "Tags"]),
      // Its name and its stream are all it has.
      update: async () => undefined,
      remove: async () => {
        await call("DeregisterStreamConsumer", { ConsumerARN });
      },
    };
  };
}

async function untilConsumerActive(call: CallKinesis, ConsumerARN: string) {
  const Description = z.object({ ConsumerDescription: Consumer });
  for (let attempt = 0; attempt < 100; attempt += 1) {
    const described = z.safeParse(Description, await call("DescribeStreamConsumer", { ConsumerARN }));
    if (described.data?.ConsumerDescription.ConsumerStatus === "ACTIVE") {
      return described.data.ConsumerDescription;
    }
  }
  throw new Error(`The consumer ${ConsumerARN} did not become ACTIVE.`);
}
