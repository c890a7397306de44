import type { MiddlewareStack } from "@smithy/types";
import { addCause, expectedAnswer, flagRefusal } from "./failures.ts";
import { annotate, close, openSubsegment, runIn, type Subsegment } from "./subsegment.ts";

/** What tracing needs of an AWS client. */
export interface TraceableClient {
  // biome-ignore lint/suspicious/noExplicitAny: the SDK's own clients differ in these two type parameters.
  readonly middlewareStack: MiddlewareStack<any, any>;
  readonly config: { region(): Promise<string> };
}

/**
 * Traces every call of `client` as a subsegment of its own: the service's name, the operation, the table or queue, the
 * request id, the number of attempts, the status. `captureAWSv3Client` is not used: it shows every error as a
 * fault, also an expected answer, and only a change before the subsegment is sent can say otherwise.
 */
export function traced<C extends TraceableClient>(client: C): C {
  client.middlewareStack.add(
    (next, context) => async (args) => {
      const service = (context.clientName ?? "AWS").replace(/Client$/, "");
      const operation = (context.commandName ?? "Call").replace(/Command$/, "");
      const { request, input } = args as { readonly request?: unknown; readonly input: unknown };
      const call = { service, operation, input, request, region: () => client.config.region() };
      return traceCall(
        call,
        () => next(args),
        ({ output }) => output.$metadata,
      );
    },
    { name: "ReflexTracing", step: "build" },
  );
  return client;
}

/** One call of AWS. */
export interface TracedCall {
  /** As X-Ray's map names it: `DynamoDB`. */
  readonly service: string;
  readonly operation: string;
  readonly input: unknown;
  /** Its headers get the trace's, where they are to have it. */
  readonly request?: unknown;
  readonly region: () => Promise<string>;
}

/** Traces one call as `traced` does: also one that does not go through the SDK's middleware. */
export async function traceCall<T>(
  { service, operation, input, request, region: regionOf }: TracedCall,
  send: () => Promise<T>,
  metadataOf: (result: T) => CallMetadata | undefined,
): Promise<T> {
  const subsegment = openSubsegment(service);
  if (!subsegment) return send();
  subsegment.addAttribute("namespace", "aws");
  handOn(subsegment, request);
  return runIn(subsegment, async () => {
    const region = await regionOf();
    const call = { operation, region, ...placeOf(input) };
    try {
      const result = await send();
      describeCall(subsegment, call, metadataOf(result));
      close(subsegment);
      return result;
    } catch (error) {
      closeAsRefused(subsegment, call, error);
      throw error;
    }
  });
}

/**
 * What the other side does for a call then hangs below it: the run of a function that is invoked, for example. The
 * SDK itself would hand on the run's own header, under which all of that would hang side by side. The rest of that
 * header stays: by its `Lineage` Lambda notices functions that invoke each other without end.
 */
function handOn(subsegment: Subsegment, request: unknown): void {
  const header = process.env._X_AMZN_TRACE_ID ?? "";
  if (subsegment.notTraced || !/Parent=/.test(header)) return;
  if (typeof request !== "object" || request === null || !("headers" in request)) return;
  const own = header.replace(/Parent=[^;]*/, `Parent=${subsegment.id}`);
  request.headers = { ...(request.headers ?? {}), "X-Amzn-Trace-Id": own };
}

/** The table or queue a call is about, by which X-Ray's map shows each apart. */
function placeOf(input: unknown): { table_name?: string; queue_url?: string } {
  if (typeof input !== "object" || input === null) return {};
  const { TableName, QueueUrl, RequestItems, Statements }: Readonly<Record<string, unknown>> = { ...input };
  const [table = TableName ?? tableOfStatements(Statements)] = Object.keys(RequestItems ?? {});
  return {
    ...(typeof table === "string" && { table_name: table }),
    ...(typeof QueueUrl === "string" && { queue_url: QueueUrl }),
  };
}

/** Of PartiQL, the first name in double quotes. */
function tableOfStatements(statements: unknown): string | undefined {
  const [first] = Array.isArray(statements) ? statements : [];
  return /"([^"]+)"/.exec(String(first?.Statement))?.[1];
}

export interface CallMetadata {
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
    flagRefusal(subsegment, { status: metadata?.httpStatusCode, throttled });
    addCause(subsegment, error, "remote");
  } else annotate(subsegment, "answer", answer);
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
