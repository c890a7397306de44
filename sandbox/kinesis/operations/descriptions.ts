import type { Upstream } from "../../endpoint/upstream.ts";
import type { AwsRequest, AwsResponse } from "../../service.ts";
import { changed, type Fields, fieldsOf } from "../answer.ts";
import { bodyFormat } from "../body.ts";
import type { OnDemand } from "../on-demand.ts";
import type { StreamRules } from "../stream-rules.ts";
import type { StreamFacts, Streams } from "../streams.ts";
import type { Handlers } from "./handler.ts";

export interface DescriptionsDependencies {
  readonly upstream: Upstream;
  readonly streams: Streams;
  readonly rules: StreamRules;
  readonly onDemand: OnDemand;
}

/** What is said of streams, with the state they have by AWS's rules on the sandbox's clock. */
export function createDescriptions({
  upstream,
  streams,
  rules,
  onDemand,
}: DescriptionsDependencies): Handlers {
  async function describe(request: AwsRequest): Promise<AwsResponse> {
    return changed(request, await upstream.forward(request), (output) => {
      const key = "StreamDescription" in output ? "StreamDescription" : "StreamDescriptionSummary";
      const description = fieldsOf(output[key]);
      const stream = String(description.StreamName);
      const status = rules.status(stream, String(description.StreamStatus));
      const isOnDemand = fieldsOf(description.StreamModeDetails).StreamMode === "ON_DEMAND";
      const more = key === "StreamDescriptionSummary" && isOnDemand ? onDemand.summary(stream) : {};
      return { ...output, [key]: { ...description, ...more, StreamStatus: status } };
    });
  }

  /**
   * `kinesis-local` lists names only, and goes on after a name; AWS lists summaries beside them, and has tokens
   * as well. A token here is the last name.
   */
  async function listStreams(request: AwsRequest, { NextToken, ...input }: Fields): Promise<AwsResponse> {
    const format = bodyFormat(request.headers);
    const from = typeof NextToken === "string" ? { ExclusiveStartStreamName: NextToken } : {};
    const body = Buffer.from(format.encode({ ...input, ...from }));
    const response = await upstream.forward({ ...request, body });
    if (response.status >= 400) return response;
    const { StreamNames, HasMoreStreams } = format.decode(response.body);
    const names = Array.isArray(StreamNames) ? StreamNames.map(String) : [];
    const found = await Promise.all(names.map((name) => streams.factsOf(name)));
    const StreamSummaries = found.filter((facts) => facts !== undefined).map(summaryOf);
    const next = HasMoreStreams === true ? { NextToken: names.at(-1) } : {};
    return changed(request, response, (output) => ({ ...output, StreamSummaries, ...next }));
  }

  function summaryOf({ name, arn, mode, createdAt }: StreamFacts): Fields {
    return {
      StreamName: name,
      StreamARN: arn,
      StreamStatus: rules.status(name, "ACTIVE"),
      StreamModeDetails: { StreamMode: mode },
      StreamCreationTimestamp: createdAt,
    };
  }

  return { DescribeStream: describe, DescribeStreamSummary: describe, ListStreams: listStreams };
}
