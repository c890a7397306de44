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

// In Lambda the segment is the service's own; what is made here are its subsegments.
if (process.env.LAMBDA_TASK_ROOT) lambdaEnvironment.init();

export type AnnotationValue = string | number | boolean;

/** One named part of a run, a subsegment in X-Ray. Where there is no trace, all of it does nothing. */
export interface Stage {
  /** Indexed: traces can be searched by it. */
  annotate(key: string, value: AnnotationValue): void;
  /** Not indexed: evidence for whoever opens the trace. */
  metadata(key: string, value: unknown): void;
}

const UNTRACED: Stage = { annotate: () => {}, metadata: () => {} };

/**
 * Error names that are answers, not failures: a failed condition is how two runs at once are told apart.
 * A call that ends with one of them is shown with the annotation `answer`, and not as a fault.
 */
const EXPECTED_ANSWERS: ReadonlySet<string> = new Set([
  "ConditionalCheckFailedException",
  "TransactionCanceledException",
]);

/** The trace id of this invocation (`1-…-…`), or undefined outside Lambda. */
export function currentTraceId(): string | undefined {
  return /Root=([^;]+)/.exec(process.env._X_AMZN_TRACE_ID ?? "")?.[1];
}

/**
 * Runs `body` in a subsegment, which is closed whatever happens. An error of `body` is shown as its fault, but
 * for one that comes of an expected answer: that is an annotation, as at the call itself.
 */
export async function inStage<T>(name: string, body: (stage: Stage) => Promise<T>): Promise<T> {
  const subsegment = openSubsegment(name);
  if (!subsegment) return body(UNTRACED);
  const stage: Stage = {
    annotate: (key, value) => subsegment.addAnnotation(key, value),
    metadata: (key, value) => subsegment.addMetadata(key, value, "reflex"),
  };
  return runIn(subsegment, async () => {
    try {
      const result = await body(stage);
      subsegment.close();
      return result;
    } catch (error) {
      const answer =
        expectedAnswer(error) ?? (error instanceof Error ? expectedAnswer(error.cause) : undefined);
      if (answer === undefined) {
        subsegment.close(error instanceof Error ? error : String(error));
      } else {
        subsegment.addAnnotation("answer", answer);
        subsegment.close();
      }
      throw error;
    }
  });
}

function expectedAnswer(error: unknown): string | undefined {
  return error instanceof Error && EXPECTED_ANSWERS.has(error.name) ? error.name : undefined;
}

/** What a trace shows of a call to something that is not AWS. */
export interface RemoteCall {
  /** Without secrets: no query, no credentials. */
  readonly url: string;
  readonly method: string;
  readonly status?: number;
  readonly contentLength?: number;
  /** Set when it failed: shown as the subsegment's fault. */
  readonly failed?: string;
}

/**
 * Runs `body` in a subsegment of its own for a call outside AWS, named after the other side. Several at once
 * are siblings. Nothing of it reaches the other side: the SDK's own HTTP capture would send it a trace header.
 */
export async function inRemoteCall<T>(
  name: string,
  annotations: Readonly<Record<string, AnnotationValue>>,
  body: () => Promise<T>,
  describe: (result: T) => RemoteCall,
): Promise<T> {
  const subsegment = openSubsegment(name);
  if (!subsegment) return body();
  subsegment.addAttribute("namespace", "remote");
  for (const [key, value] of Object.entries(annotations)) subsegment.addAnnotation(key, value);
  try {
    const result = await body();
    const { url, method, status, contentLength, failed } = describe(result);
    subsegment.addAttribute("http", {
      request: { method, url },
      ...(status !== undefined && {
        response: { status, ...(contentLength !== undefined && { content_length: contentLength }) },
      }),
    });
    if (failed !== undefined) subsegment.addFaultFlag();
    if (failed !== undefined) subsegment.addMetadata("failed", failed, "reflex");
    subsegment.close();
    return result;
  } catch (error) {
    subsegment.close(error instanceof Error ? error : String(error));
    throw error;
  }
}

/** What tracing needs of an AWS client. */
export interface TraceableClient {
  // biome-ignore lint/suspicious/noExplicitAny: the SDK's own clients differ in these two type parameters.
  readonly middlewareStack: MiddlewareStack<any, any>;
  readonly config: { region(): Promise<string> };
}

/**
 * Traces every call of `client` as a subsegment of its own: the service's name, the operation, the request
 * id, the number of attempts, the status. `captureAWSv3Client` is not used: it shows every error as a fault,
 * also an expected answer, and cannot be told otherwise before the subsegment is sent.
 */
export function traced<C extends TraceableClient>(client: C): C {
  client.middlewareStack.add(
    (next, context) => async (args) => {
      const service = (context.clientName ?? "AWS").replace(/Client$/, "");
      const operation = (context.commandName ?? "Call").replace(/Command$/, "");
      const subsegment = openSubsegment(service);
      if (!subsegment) return next(args);
      subsegment.addAttribute("namespace", "aws");
      return runIn(subsegment, async () => {
        const region = await client.config.region();
        try {
          const result = await next(args);
          describeCall(subsegment, operation, region, result.output.$metadata);
          subsegment.close();
          return result;
        } catch (error) {
          const failure = asAwsFailure(error);
          describeCall(subsegment, operation, region, failure.metadata);
          if (EXPECTED_ANSWERS.has(failure.name)) {
            subsegment.addAnnotation("answer", failure.name);
            subsegment.close();
          } else {
            if (failure.metadata?.httpStatusCode === 429 || failure.throttled) subsegment.addThrottleFlag();
            subsegment.close(error instanceof Error ? error : String(error), true);
          }
          throw error;
        }
      });
    },
    { name: "ReflexTracing", step: "build" },
  );
  return client;
}

interface CallMetadata {
  readonly requestId?: string;
  readonly attempts?: number;
  readonly httpStatusCode?: number;
}

function describeCall(
  subsegment: Subsegment,
  operation: string,
  region: string,
  metadata: CallMetadata | undefined,
): void {
  subsegment.addAttribute("aws", {
    operation,
    region,
    request_id: metadata?.requestId,
    retries: Math.max(0, (metadata?.attempts ?? 1) - 1),
  });
  if (metadata?.httpStatusCode !== undefined) {
    subsegment.addAttribute("http", { response: { status: metadata.httpStatusCode } });
  }
}

function asAwsFailure(error: unknown): { name: string; throttled: boolean; metadata?: CallMetadata } {
  if (!(error instanceof Error)) return { name: "Unknown", throttled: false };
  const { $metadata, $retryable } = error as Error & {
    $metadata?: CallMetadata;
    $retryable?: { throttling?: boolean };
  };
  const throttled = $retryable?.throttling === true || /Throttl|TooManyRequests/.test(error.name);
  return { name: error.name, throttled, ...($metadata && { metadata: $metadata }) };
}

function openSubsegment(name: string): Subsegment | undefined {
  const parent = contexts.resolveSegment();
  if (!parent) return undefined;
  // In an invocation that Lambda did not sample, the children must not be sampled either.
  return parent.notTraced ? parent.addNewSubsegmentWithoutSampling(name) : parent.addNewSubsegment(name);
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
