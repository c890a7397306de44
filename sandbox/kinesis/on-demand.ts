import * as z from "zod/mini";
import type { Refusal } from "../endpoint/refusal.ts";
import { parse } from "../wire/parse.ts";
import { integer } from "../wire/scalars.ts";
import type { Fields } from "./answer.ts";
import type { CallKinesis } from "./call.ts";

/** An on-demand stream that was not scaled yet: 4 MiB/s and 4,000 records/s. */
const INITIAL_SHARDS = 4;

/** https://docs.aws.amazon.com/kinesis/latest/APIReference/API_UpdateStreamWarmThroughput.html */
const MOST_WARM_MIBPS = 10 * 1024;

/** The commitment lasts at least so long. */
const COMMITTED_MS = 24 * 3_600_000;

const Wanted = z.object({
  MinimumThroughputBillingCommitment: z.object({ Status: z.enum(["ENABLED", "DISABLED"]) }),
});
const WarmThroughput = z.object({ WarmThroughputMiBps: integer });
const Distribution = z.object({ RecordDistributionStrategy: z.enum(["AUTO", "USER_PARTITION_KEY"]) });

/**
 * What AWS has for on-demand streams and `kinesis-local` does not know: the account's commitment (On-demand Advantage), warm
 * throughput, and how records are distributed over shards.
 */
export interface OnDemand {
  /** The answer to DescribeAccountSettings and UpdateAccountSettings. */
  settings(): Fields;
  updateSettings(input: Fields): Fields;
  /** Why a call is refused, whatever the stream's state; undefined when it is not. */
  refusal(operation: string, input: Fields, mode: string): Refusal | undefined;
  /** Carries out UpdateStreamWarmThroughput: the stream has as many shards as MiB/s. */
  warmUp(stream: string, arn: string, input: Fields): Promise<Fields>;
  distribute(stream: string, input: Fields): void;
  /** Whether partition keys are ignored. */
  isEven(stream: string): boolean;
  /** What DescribeStreamSummary says of an on-demand stream beside the rest. */
  summary(stream: string): Fields;
  forget(stream: string): void;
}

/** @param now the sandbox's clock, ms since the epoch */
export function createOnDemand(call: CallKinesis, now: () => number): OnDemand {
  const warm = new Map<string, number>();
  const even = new Set<string>();
  let commitment: { readonly startedAt: number; readonly endsAt?: number } | undefined;
  const isCommitted = () => commitment !== undefined && (commitment.endsAt ?? Infinity) > now();

  function settings(): Fields {
    return { MinimumThroughputBillingCommitment: commitmentAt(commitment, now()) };
  }

  return {
    settings,
    updateSettings(input) {
      const { Status } = parse(Wanted, input).MinimumThroughputBillingCommitment;
      if (Status === "ENABLED")
        commitment = { startedAt: isCommitted() ? (commitment?.startedAt ?? 0) : now() };
      else if (commitment && isCommitted()) {
        commitment = { ...commitment, endsAt: Math.max(now(), commitment.startedAt + COMMITTED_MS) };
      }
      return settings();
    },
    refusal(operation, input, mode) {
      if (operation === "UpdateStreamRecordDistributionStrategy") return distributionRefusal(input, mode);
      if (mode !== "ON_DEMAND")
        return refused("ValidationException", "Warm throughput is for streams in ON_DEMAND mode.");
      if (!isCommitted())
        return refused(
          "InvalidArgumentException",
          "Warm throughput needs MinimumThroughputBillingCommitment to be ENABLED for the account.",
        );
      const { WarmThroughputMiBps } = parse(WarmThroughput, input);
      if (WarmThroughputMiBps < 0)
        return refused("InvalidArgumentException", "WarmThroughputMiBps is below 0.");
      return WarmThroughputMiBps > MOST_WARM_MIBPS
        ? refused("LimitExceededException", `WarmThroughputMiBps is above ${MOST_WARM_MIBPS}.`)
        : undefined;
    },
    async warmUp(stream, arn, input) {
      const { WarmThroughputMiBps } = parse(WarmThroughput, input);
      const before = warm.get(stream) ?? 0;
      await scale(call, stream, Math.max(INITIAL_SHARDS, WarmThroughputMiBps));
      warm.set(stream, WarmThroughputMiBps);
      return {
        ...{ StreamARN: arn, StreamName: stream },
        WarmThroughput: { TargetMiBps: WarmThroughputMiBps, CurrentMiBps: before },
      };
    },
    distribute(stream, input) {
      if (parse(Distribution, input).RecordDistributionStrategy === "AUTO") even.add(stream);
      else even.delete(stream);
    },
    isEven: (stream) => even.has(stream),
    summary: (stream) => ({
      RecordDistributionStrategy: even.has(stream) ? "AUTO" : "USER_PARTITION_KEY",
      ...(isCommitted() && {
        WarmThroughput: { TargetMiBps: warm.get(stream) ?? 0, CurrentMiBps: warm.get(stream) ?? 0 },
      }),
    }),
    forget(stream) {
      warm.delete(stream);
      even.delete(stream);
    },
  };
}

function distributionRefusal(input: Fields, mode: string): Refusal | undefined {
  const { RecordDistributionStrategy } = parse(Distribution, input);
  if (typeof input.StreamARN !== "string") return refused("ValidationException", "StreamARN is required.");
  return mode !== "ON_DEMAND" && RecordDistributionStrategy === "AUTO"
    ? refused("InvalidArgumentException", "AUTO is for streams in ON_DEMAND mode.")
    : undefined;
}

function commitmentAt(
  commitment: { readonly startedAt: number; readonly endsAt?: number } | undefined,
  now: number,
): Fields {
  if (!commitment) return { Status: "DISABLED" };
  const { startedAt, endsAt } = commitment;
  const since = { StartedAt: startedAt / 1000 };
  if (endsAt === undefined)
    return { Status: "ENABLED", ...since, EarliestAllowedEndAt: (startedAt + COMMITTED_MS) / 1000 };
  return endsAt > now
    ? { Status: "ENABLED_UNTIL_EARLIEST_ALLOWED_END", ...since, EarliestAllowedEndAt: endsAt / 1000 }
    : { Status: "DISABLED", ...since, EndedAt: endsAt / 1000 };
}

const Summary = z.object({
  StreamDescriptionSummary: z.object({ OpenShardCount: integer, StreamStatus: z.string() }),
});

/** `kinesis-local` goes to double and half at most in one call, and is UPDATING for a millisecond. */
async function scale(call: CallKinesis, StreamName: string, shards: number): Promise<void> {
  for (let attempt = 0; attempt < 200; attempt += 1) {
    const { OpenShardCount: open, StreamStatus } = parse(
      Summary,
      await call("DescribeStreamSummary", { StreamName }),
    ).StreamDescriptionSummary;
    if (open === shards && StreamStatus === "ACTIVE") return;
    if (StreamStatus !== "ACTIVE") continue;
    const TargetShardCount = Math.min(Math.max(shards, Math.ceil(open / 2)), 2 * open);
    await call("UpdateShardCount", { StreamName, TargetShardCount, ScalingType: "UNIFORM_SCALING" });
  }
  throw new Error(`The stream ${StreamName} did not come to ${shards} shards.`);
}

const refused = (code: string, message: string): Refusal => ({ status: 400, code, message });
