import { type KinesisClient, paginateListStreams, type StreamSummary } from "@aws-sdk/client-kinesis";
import type { CallRates } from "../../../shared/aws/call-rates.ts";
import { asFailure } from "../../../shared/aws/failure.ts";

/** As many as one page of ListStreams has at most. */
const PAGE = 10_000;

/** The account's streams. Their summaries have status and mode, so that none has to be asked for by itself. */
export interface ListedStreams {
  readonly names: readonly string[];
  readonly summaries: ReadonlyMap<string, StreamSummary>;
}

export async function listStreams(
  kinesis: KinesisClient,
  rates: CallRates,
  abortSignal: AbortSignal,
): Promise<ListedStreams> {
  const names: string[] = [];
  const summaries = new Map<string, StreamSummary>();
  try {
    await rates.take("ListStreams");
    for await (const page of paginateListStreams({ client: kinesis }, { Limit: PAGE }, { abortSignal })) {
      names.push(...(page.StreamNames ?? []));
      for (const summary of page.StreamSummaries ?? []) summaries.set(summary.StreamName ?? "", summary);
      if (page.HasMoreStreams === true) await rates.take("ListStreams");
    }
  } catch (error) {
    throw asFailure(error, "kinesis:ListStreams", "the account's streams");
  }
  return { names, summaries };
}
