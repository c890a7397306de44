import { DescribeAccountSettingsCommand, type KinesisClient } from "@aws-sdk/client-kinesis";
import type { CallRates } from "../../../shared/aws/call-rates.ts";

export interface AccountSettingsContext {
  readonly kinesis: KinesisClient;
  readonly rates: CallRates;
  readonly signal: AbortSignal;
}

/**
 * Whether the account has On-demand Advantage: it has committed to a minimum throughput. Read at most once a run, when the
 * first stream asks. Undefined where AWS does not answer: what needs it is then left alone.
 */
export function createAdvantageReader({
  kinesis,
  rates,
  signal: abortSignal,
}: AccountSettingsContext): () => Promise<boolean | undefined> {
  let answer: Promise<boolean | undefined> | undefined;
  const read = async () => {
    await rates.take("DescribeAccountSettings");
    const { MinimumThroughputBillingCommitment } = await kinesis.send(
      new DescribeAccountSettingsCommand({}),
      { abortSignal },
    );
    const status = MinimumThroughputBillingCommitment?.Status ?? "DISABLED";
    return status !== "DISABLED";
  };
  return () => {
    answer ??= read().catch(() => undefined);
    return answer;
  };
}
