import type { Faults } from "../../endpoint/faults.ts";
import type { Refusal } from "../../endpoint/refusal.ts";
import type { Upstream } from "../../endpoint/upstream.ts";
import { ACCOUNT_ID, type AwsRequest, type AwsResponse } from "../../service.ts";
import { answerTo, changed, type Fields, refuse, streamOf } from "../answer.ts";
import type { OnDemand } from "../on-demand.ts";
import { isRefusal, type StreamRules } from "../stream-rules.ts";
import type { Streams } from "../streams.ts";
import type { Handlers } from "./handler.ts";

export interface ChangesDependencies {
  readonly upstream: Upstream;
  readonly streams: Streams;
  readonly rules: StreamRules;
  readonly onDemand: OnDemand;
  readonly faults: Faults;
  /** How long the fault `updating` holds a stream that does not say it itself, ms on the sandbox's clock. */
  readonly updatingMs: number;
}

/** The operations that change a stream or the account's settings, by AWS's rules. */
export function createChanges(deps: ChangesDependencies): Handlers {
  const { upstream, streams, rules, onDemand, faults, updatingMs } = deps;

  async function change(request: AwsRequest, input: Fields, operation: string): Promise<AwsResponse> {
    const stream = streamOf(input);
    const facts = await streams.factsOf(stream);
    // A stream that is not there, or no stream at all: kinesis-local has the right answer.
    if (!facts) return upstream.forward(request);
    const begun = rules.begin(stream, operation, facts.mode);
    if (isRefusal(begun)) return refuse(request, begun);
    const response = await upstream.forward(request).catch((error: unknown) => {
      begun.failed();
      throw error;
    });
    if (response.status >= 400) {
      begun.failed();
      return response;
    }
    begun.done();
    streams.forget(stream);
    const fault = faults.take({ service: "kinesis", operation }, (kind) => kind === "updating");
    if (fault) rules.hold(stream, fault.forMs ?? updatingMs);
    return changed(request, response);
  }

  async function warmUp(request: AwsRequest, input: Fields, operation: string): Promise<AwsResponse> {
    const stream = streamOf(input);
    const facts = await streams.factsOf(stream);
    if (!facts) return refuse(request, notFound(stream));
    const refusal = onDemand.refusal(operation, input, facts.mode);
    if (refusal) return refuse(request, refusal);
    const begun = rules.begin(stream, operation, facts.mode);
    if (isRefusal(begun)) return refuse(request, begun);
    const output = await onDemand.warmUp(stream, facts.arn, input).catch((error: unknown) => {
      begun.failed();
      throw error;
    });
    begun.done();
    streams.forget(stream);
    return answerTo(request, output);
  }

  /** It takes effect at once, and does not leave the stream UPDATING. */
  async function distribute(request: AwsRequest, input: Fields, operation: string): Promise<AwsResponse> {
    const stream = streamOf(input);
    const facts = await streams.factsOf(stream);
    if (!facts) return refuse(request, notFound(stream));
    const refusal = onDemand.refusal(operation, input, facts.mode);
    if (refusal) return refuse(request, refusal);
    onDemand.distribute(stream, input);
    return answerTo(request, {});
  }

  return {
    // These need an ACTIVE stream and leave it UPDATING.
    MergeShards: change,
    SplitShard: change,
    StartStreamEncryption: change,
    StopStreamEncryption: change,
    UpdateShardCount: change,
    UpdateStreamMode: change,
    UpdateStreamWarmThroughput: warmUp,
    UpdateStreamRecordDistributionStrategy: distribute,
    DescribeAccountSettings: async (request) => answerTo(request, onDemand.settings()),
    UpdateAccountSettings: async (request, input) => answerTo(request, onDemand.updateSettings(input)),
  };
}

function notFound(stream: string): Refusal {
  return {
    status: 400,
    code: "ResourceNotFoundException",
    message: `Stream ${stream} under account ${ACCOUNT_ID} not found.`,
  };
}
