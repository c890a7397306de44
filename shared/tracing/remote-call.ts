import type { Annotations } from "./annotations.ts";
import { closeAsFailed, flagRefusal } from "./failures.ts";
import { annotateAll, close, openSubsegment, type Subsegment, stageOf } from "./subsegment.ts";

/** What a trace shows of a call to something that is not AWS. */
export interface RemoteCall {
  /** Without secrets: no query, no credentials. */
  readonly url: string;
  readonly method: string;
  readonly status?: number;
  readonly contentLength?: number;
  /** Set when it failed, and why: a status of 4xx makes it an error of ours, anything else a fault of the other side. */
  readonly failed?: string;
  /** An answer that is no success, and is expected all the same. */
  readonly answer?: string;
  /** What was learnt by the call. */
  readonly annotations?: Partial<Annotations>;
  readonly metadata?: Readonly<Record<string, unknown>>;
}

/**
 * Runs `body` in a subsegment of its own for a call outside AWS, named after the other side. Several at once
 * are siblings. Nothing of it reaches the other side: the SDK's own HTTP capture would send it a trace header.
 */
export async function inRemoteCall<T>(
  name: string,
  annotations: Partial<Annotations>,
  body: () => Promise<T>,
  describe: (result: T) => RemoteCall,
): Promise<T> {
  const subsegment = openSubsegment(name);
  if (!subsegment) return body();
  subsegment.addAttribute("namespace", "remote");
  annotateAll(subsegment, annotations);
  try {
    const result = await body();
    showRemoteCall(subsegment, describe(result));
    return result;
  } catch (error) {
    closeAsFailed(subsegment, error, "remote");
    throw error;
  }
}

function showRemoteCall(subsegment: Subsegment, call: RemoteCall): void {
  if (subsegment.isClosed()) return;
  const { url, method, status, contentLength, failed, answer } = call;
  const stage = stageOf(subsegment);
  subsegment.addAttribute("http", {
    request: { method, url },
    ...(status !== undefined && {
      response: { status, ...(contentLength !== undefined && { content_length: contentLength }) },
    }),
  });
  annotateAll(subsegment, { ...call.annotations, ...(answer !== undefined && { answer }) });
  for (const [key, value] of Object.entries(call.metadata ?? {})) stage.metadata(key, value);
  if (failed !== undefined) {
    flagRefusal(subsegment, { status, throttled: false });
    stage.metadata("failed", failed);
  }
  close(subsegment);
}
