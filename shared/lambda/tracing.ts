/**
 * All that Reflex knows of X-Ray. `aws-xray-sdk-core` is in maintenance since 2026-02: everything else in the
 * house calls this module only, so that another tracer can take its place here.
 */
import type { MiddlewareStack } from "@smithy/types";
import type { Subsegment } from "aws-xray-sdk-core";
// Not the package's front door: that loads its samplers, patchers and plugins for EC2 and ECS too, 60 KB and a
// tenth of a cold start (docs/decisions/bundles.md).
import contexts from "aws-xray-sdk-core/dist/lib/context_utils.js";
import lambdaEnvironment from "aws-xray-sdk-core/dist/lib/env/aws_lambda.js";
import type { Annotate, Annotations } from "./annotations.ts";
import { classOf, ReflexError } from "./errors.ts";
import { causeOf, causesOf } from "./xray-cause.ts";
import { annotationValue, fitted, metadataValue, NAMESPACE, segmentName } from "./xray-document.ts";

// In Lambda the segment is the service's own; what is made here are its subsegments.
if (process.env.LAMBDA_TASK_ROOT) lambdaEnvironment.init();

/** One named part of a run, a subsegment in X-Ray. Where there is no trace, all of it does nothing. */
export interface Stage {
  /** Indexed: traces can be searched by it. */
  readonly annotate: Annotate;
  /** Not indexed: evidence for whoever opens the trace. */
  metadata(key: string, value: unknown): void;
}

const UNTRACED: Stage = { annotate: () => {}, metadata: () => {} };

/**
 * Names of AWS errors that are answers, not failures: a failed condition is how two runs at once are told apart, and
 * a resource that is being changed is looked at again by the next run. A call that ends with one of them is shown
 * with the annotation `answer`, and neither as a fault nor as an error.
 */
const EXPECTED_ANSWERS: ReadonlySet<string> = new Set([
  "ConditionalCheckFailedException",
  "TransactionCanceledException",
  "ResourceInUseException",
  "ScalingActivityInProgress",
  "ScalingActivityInProgressFault",
  "ResourceContention",
  "ResourceContentionFault",
]);

/** A lifecycle hook that is over is an answer as well; its error has a name that says nothing. */
const HOOK_IS_OVER = /no active lifecycle action/i;

/** The trace id of this invocation (`1-…-…`), or undefined outside Lambda. */
export function currentTraceId(): string | undefined {
  return /Root=([^;]+)/.exec(process.env._X_AMZN_TRACE_ID ?? "")?.[1];
}

/** What `inRun` is told of the invocation. */
export interface TracedRun {
  readonly automation: string;
  readonly requestId: string;
  /** Fires when the run is ended before it is done. */
  readonly signal: AbortSignal;
  /** Why it was ended, once it was. */
  readonly endedEarly: () => Error;
}

/**
 * Runs a whole invocation in the subsegment `run`, so that each has one, also one with nothing to do. What has not
 * ended when it does (a call nobody waits for any more, a run that is ended before Lambda's time-out) is shown as
 * `abandoned`: left open it would never be sent, and what is in it would hang in the air.
 */
export async function inRun<T>(run: TracedRun, body: (stage: Stage) => Promise<T>): Promise<T> {
  const subsegment = openSubsegment("run");
  if (!subsegment) return body(UNTRACED);
  const { annotate } = stageOf(subsegment);
  annotate("automation", run.automation);
  annotate("stage", "run");
  annotate("requestId", run.requestId);
  const endEarly = () => {
    closeAllIn(subsegment);
    closeAsFailed(subsegment, run.endedEarly());
  };
  run.signal.addEventListener("abort", endEarly);
  return closing(subsegment, body).finally(() => run.signal.removeEventListener("abort", endEarly));
}

/**
 * Runs `body` in a subsegment, which is closed whatever happens. An error of `body` is shown as its fault, but
 * for one that comes of an expected answer: that is an annotation, as at the call itself.
 */
export async function inStage<T>(name: string, body: (stage: Stage) => Promise<T>): Promise<T> {
  const subsegment = openSubsegment(name);
  if (!subsegment) return body(UNTRACED);
  stageOf(subsegment).annotate("stage", name);
  return closing(subsegment, body);
}

function closing<T>(subsegment: Subsegment, body: (stage: Stage) => Promise<T>): Promise<T> {
  return runIn(subsegment, async () => {
    try {
      const result = await body(stageOf(subsegment));
      closeAllIn(subsegment);
      close(subsegment);
      return result;
    } catch (error) {
      closeAllIn(subsegment);
      closeAsFailed(subsegment, error);
      throw error;
    }
  });
}

function stageOf(subsegment: Subsegment): Stage {
  return {
    annotate: (key, value) => {
      const fitting = annotationValue(value);
      if (fitting !== undefined && !subsegment.isClosed()) subsegment.addAnnotation(key, fitting);
    },
    metadata: (key, value) => {
      if (!subsegment.isClosed()) subsegment.addMetadata(key, metadataValue(value), NAMESPACE);
    },
  };
}

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
    closeAsFailed(subsegment, error, true);
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
    flag(subsegment, status, false);
    stage.metadata("failed", failed);
  }
  close(subsegment);
}

function annotateAll(subsegment: Subsegment, annotations: Partial<Annotations>): void {
  for (const [key, value] of Object.entries(annotations)) {
    const fitting = annotationValue(value);
    if (fitting !== undefined) subsegment.addAnnotation(key, fitting);
  }
}

/** What tracing needs of an AWS client. */
export interface TraceableClient {
  // biome-ignore lint/suspicious/noExplicitAny: the SDK's own clients differ in these two type parameters.
  readonly middlewareStack: MiddlewareStack<any, any>;
  readonly config: { region(): Promise<string> };
}

/**
 * Traces every call of `client` as a subsegment of its own: the service's name, the operation, the table or queue, the
 * request id, the number of attempts, the status. `captureAWSv3Client` is not used: it shows every error as a
 * fault, also an expected answer, and cannot be told otherwise before the subsegment is sent.
 */
export function traced<C extends TraceableClient>(client: C): C {
  client.middlewareStack.add(
    (next, context) => async (args) => {
      const service = (context.clientName ?? "AWS").replace(/Client$/, "");
      const operation = (context.commandName ?? "Call").replace(/Command$/, "");
      const subsegment = openSubsegment(service);
      if (!subsegment) return next(args);
      subsegment.addAttribute("namespace", "aws");
      handOn(subsegment, args);
      return runIn(subsegment, async () => {
        const region = await client.config.region();
        const call = { operation, region, ...placeOf(args.input) };
        try {
          const result = await next(args);
          describeCall(subsegment, call, result.output.$metadata);
          close(subsegment);
          return result;
        } catch (error) {
          closeAsRefused(subsegment, call, error);
          throw error;
        }
      });
    },
    { name: "ReflexTracing", step: "build" },
  );
  return client;
}

/**
 * What the other side does for a call then hangs below it: the run of a function that is invoked, for example. The
 * SDK itself would hand on the run's own header, under which all of that would hang side by side. The rest of that
 * header stays: by its `Lineage` Lambda notices functions that invoke each other without end.
 */
function handOn(subsegment: Subsegment, { request }: { readonly request?: unknown }): void {
  const header = process.env._X_AMZN_TRACE_ID ?? "";
  if (subsegment.notTraced || !/Parent=/.test(header)) return;
  if (typeof request !== "object" || request === null || !("headers" in request)) return;
  const own = header.replace(/Parent=[^;]*/, `Parent=${subsegment.id}`);
  request.headers = { ...(request.headers ?? {}), "X-Amzn-Trace-Id": own };
}

/** The table or queue a call is about, by which X-Ray's map tells them apart. */
function placeOf(input: unknown): { table_name?: string; queue_url?: string } {
  if (typeof input !== "object" || input === null) return {};
  const { TableName, QueueUrl, RequestItems }: Readonly<Record<string, unknown>> = { ...input };
  const [table = TableName] = Object.keys(RequestItems ?? {});
  return {
    ...(typeof table === "string" && { table_name: table }),
    ...(typeof QueueUrl === "string" && { queue_url: QueueUrl }),
  };
}

interface CallMetadata {
  readonly requestId?: string;
  readonly attempts?: number;
  readonly httpStatusCode?: number;
}

function describeCall(subsegment: Subsegment, call: object, metadata: CallMetadata | undefined): void {
  if (subsegment.isClosed()) return;
  subsegment.addAttribute("aws", {
    ...call,
    request_id: metadata?.requestId,
    retries: Math.max(0, (metadata?.attempts ?? 1) - 1),
  });
  if (metadata?.httpStatusCode !== undefined) {
    subsegment.addAttribute("http", { response: { status: metadata.httpStatusCode } });
  }
}

function closeAsRefused(subsegment: Subsegment, call: object, error: unknown): void {
  if (subsegment.isClosed()) return;
  const { metadata, throttled } = asAwsFailure(error);
  describeCall(subsegment, call, metadata);
  const answer = expectedAnswer(error);
  if (answer === undefined) {
    flag(subsegment, metadata?.httpStatusCode, throttled);
    addCause(subsegment, error, true);
  } else subsegment.addAnnotation("answer", answer);
  close(subsegment);
}

function asAwsFailure(error: unknown): { throttled: boolean; metadata?: CallMetadata } {
  if (!(error instanceof Error)) return { throttled: false };
  const { $metadata, $retryable } = error as Error & {
    $metadata?: CallMetadata;
    $retryable?: { throttling?: boolean };
  };
  const throttled = $retryable?.throttling === true || /Throttl|TooManyRequests/.test(error.name);
  return { throttled, ...($metadata && { metadata: $metadata }) };
}

/** https://docs.aws.amazon.com/xray/latest/devguide/xray-concepts.html#xray-concepts-errors */
function flag(subsegment: Subsegment, status: number | undefined, throttled: boolean): void {
  const isThrottled = throttled || status === 429;
  if (isThrottled) subsegment.addThrottleFlag();
  if (isThrottled || (status !== undefined && status >= 400 && status < 500)) subsegment.addErrorFlag();
  else subsegment.addFaultFlag();
}

function closeAsFailed(subsegment: Subsegment, error: unknown, remote = false): void {
  if (subsegment.isClosed()) return;
  const answer = answerBehind(error);
  if (answer === undefined) {
    subsegment.addFaultFlag();
    subsegment.addAnnotation("class", classOf(error));
    addCause(subsegment, error, remote);
  } else subsegment.addAnnotation("answer", answer);
  close(subsegment);
}

function addCause(subsegment: Subsegment, error: unknown, remote: boolean): void {
  subsegment.addAttribute("cause", causeOf(error, subsegment.segment.trace_id, remote));
}

/** The expected answer an error comes of, if it comes of one and of nothing else. */
function answerBehind(error: unknown): string | undefined {
  const answer = expectedAnswer(error);
  const causes = causesOf(error);
  return answer === undefined && causes.length === 1 ? answerBehind(causes[0]) : answer;
}

function expectedAnswer(error: unknown): string | undefined {
  if (error instanceof ReflexError) return error.answer;
  if (!(error instanceof Error)) return undefined;
  return EXPECTED_ANSWERS.has(error.name) || HOOK_IS_OVER.test(error.message) ? error.name : undefined;
}

function openSubsegment(name: string): Subsegment | undefined {
  const parent = contexts.resolveSegment();
  if (!parent) return undefined;
  // In an invocation that Lambda did not sample, the children must not be sampled either.
  const fitting = segmentName(name);
  const subsegment = parent.notTraced
    ? parent.addNewSubsegmentWithoutSampling(fitting)
    : parent.addNewSubsegment(fitting);
  Object.defineProperties(subsegment, {
    // The SDK would send this field of its own, which X-Ray does not know.
    notTraced: { enumerable: false },
    format: { enumerable: false, value: () => fitted(documentOf(subsegment)) },
  });
  return subsegment;
}

function documentOf(subsegment: Subsegment) {
  return {
    ...subsegment.toJSON(),
    type: "subsegment",
    parent_id: subsegment.parent.id,
    trace_id: subsegment.segment.trace_id,
  };
}

/** Closing it sends it, and what was sent is not to be changed or sent again. */
function close(subsegment: Subsegment): void {
  if (!subsegment.isClosed()) subsegment.close();
}

/** Closes what is still open in it, the innermost first. */
function closeAllIn(subsegment: Subsegment): void {
  for (const child of [...(subsegment.subsegments ?? [])]) {
    closeAllIn(child);
    if (child.isClosed()) continue;
    child.addAnnotation("abandoned", true);
    close(child);
  }
}

/**
 * `runPromise` would leave its context only when the promise ends: whatever is begun meanwhile would be taken for
 * a child of this subsegment.
 */
function runIn<T>(subsegment: Subsegment, body: () => Promise<T>): Promise<T> {
  return contexts.getNamespace().runAndReturn(() => {
    contexts.setSegment(subsegment);
    return body();
  });
}
