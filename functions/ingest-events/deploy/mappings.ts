import * as z from "zod/mini";
import { nestedIn } from "../../../shared/cloudformation/nested-stack.ts";
import { arnOf, type Resource, ref } from "../../../shared/cloudformation/resource.ts";
import type { ConfigFile } from "../../../shared/config/file.ts";
import { logicalId } from "../../../shared/config/logical-id.ts";
import { filterPattern, type IngestConfig, type Mapping } from "../config/schema.ts";

/** As far as this looks at the section `streams`: which streams the stack creates. */
export type CreatedStreams = Readonly<Record<string, { readonly create?: unknown }>>;

const streamsSection = z.catch(z.record(z.string(), z.looseObject({ create: z.optional(z.unknown()) })), {});

/** Read from a file whose section `streams` its own automation checks: what is wrong there is not said here again. */
export const createdStreams = ({ sections }: ConfigFile): CreatedStreams =>
  streamsSection.parse(sections.streams ?? {});

/** As serverless names it. */
const FUNCTION = "IngestDasheventsLambdaFunction";

/**
 * One event-source mapping a stream, with nothing left to AWS's defaults. Their logical ids carry a hash of the stream's
 * name: serverless would make one id of `orders-eu` and `orders_eu`, and leave one of the two out.
 *
 * @param enabled false while the service only observes: a mapping that reads moves its checkpoint, whatever the
 * function does with the records. A disabled one keeps its checkpoint and goes on from there.
 */
export function mappingsFor(
  { streams }: IngestConfig,
  created: CreatedStreams,
  enabled: boolean,
): Record<string, Resource> {
  const resources = Object.fromEntries(
    Object.entries(streams).flatMap(([name, { mapping }]) => {
      const stream = mapping.streamArn ?? streamArn(name);
      // Where the stack creates the stream, it has to be there before it is read.
      const after = created[name]?.create === undefined ? [] : [`Stream${logicalId(name)}`];
      const consumer = `IngestConsumer${logicalId(name)}`;
      const source = mapping.enhancedFanOut ? ref(consumer) : stream;
      const own = mappingResource(source, mapping, { enabled, after });
      return Object.entries({
        ...(mapping.enhancedFanOut && { [consumer]: consumerResource(stream, after) }),
        [`IngestMapping${logicalId(name)}`]: own,
      });
    }),
  );
  return nestedIn({ name: "LandedStreams", count: 1 }, resources);
}

function mappingResource(
  source: Resource | string,
  mapping: Mapping,
  { enabled, after }: { readonly enabled: boolean; readonly after: readonly string[] },
): Resource {
  return {
    Type: "AWS::Lambda::EventSourceMapping",
    // The role may write to the bucket, and the bucket may say so to the queue, before Lambda tries either.
    DependsOn: ["IngestEventsRole", "FailedBatchesBucket", ...after],
    Properties: {
      Enabled: enabled,
      EventSourceArn: source,
      FunctionName: arnOf(FUNCTION),
      ...startingPosition(mapping),
      BatchSize: mapping.batchSize,
      MaximumBatchingWindowInSeconds: mapping.maximumBatchingWindowInSeconds,
      ParallelizationFactor: mapping.parallelizationFactor,
      FunctionResponseTypes: ["ReportBatchItemFailures"],
      BisectBatchOnFunctionError: true,
      MaximumRetryAttempts: mapping.maximumRetryAttempts,
      MaximumRecordAgeInSeconds: mapping.maximumRecordAgeInSeconds,
      DestinationConfig: { OnFailure: { Destination: arnOf("FailedBatchesBucket") } },
      ...(mapping.filterPatterns && {
        FilterCriteria: {
          Filters: mapping.filterPatterns.map((data) => ({ Pattern: filterPattern(data) })),
        },
      }),
    },
  };
}

function startingPosition({ startingPosition: position }: Mapping): Resource {
  if (typeof position === "string") return { StartingPosition: position };
  const StartingPositionTimestamp = Math.floor(Date.parse(position.at) / 1000);
  return { StartingPosition: "AT_TIMESTAMP", StartingPositionTimestamp };
}

function consumerResource(stream: Resource | string, after: readonly string[]): Resource {
  return {
    Type: "AWS::Kinesis::StreamConsumer",
    ...(after.length > 0 && { DependsOn: after }),
    Properties: { ConsumerName: ref("AWS::StackName"), StreamARN: stream },
  };
}

function streamArn(name: string): Resource {
  const place = [ref("AWS::Partition"), "kinesis", ref("AWS::Region"), ref("AWS::AccountId")];
  return { "Fn::Join": [":", ["arn", ...place, `stream/${name}`]] };
}
