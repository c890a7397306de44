/**
 * The one module that knows X-Ray's SDK, so that another tracer can take its place here: `aws-xray-sdk-core` is in
 * maintenance since 2026-02. Which segment or subsegment is open, followed by Node's AsyncLocalStorage in place of the `cls-hooked` of X-Ray's SDK:
 * its hooks run on every promise of the process, traced or not.
 */
import { AsyncLocalStorage } from "node:async_hooks";
import "./without-async-hooks.ts";
import type { Segment, Subsegment } from "aws-xray-sdk-core";
// Not the package's front door: that loads its samplers, patchers and plugins for EC2 and ECS too, 60 KB and a
// tenth of a cold start (docs/decisions/bundles.md).
import contexts from "aws-xray-sdk-core/dist/lib/context_utils.js";
import lambdaEnvironment from "aws-xray-sdk-core/dist/lib/env/aws_lambda.js";

export type { Subsegment };

type Context = Map<string, unknown>;

const inner = new AsyncLocalStorage<Context>();
/** Lambda's own segment, which is entered once a process and open wherever nothing else is. */
let outermost: Context = new Map();

const current = (): Context => inner.getStore() ?? outermost;

/** What the SDK asks of a namespace of `cls-hooked`. */
const namespace = {
  get: (key: string) => current().get(key),
  set(key: string, value: unknown) {
    current().set(key, value);
    return value;
  },
  createContext: (): Context => new Map(),
  enter(context: Context) {
    outermost = context;
  },
};

/** The SDK's own name for what is open. */
const SEGMENT = "segment";

Object.assign(contexts, { getNamespace: () => namespace });
contexts.enableAutomaticMode();

// In Lambda the segment is the service's own; what is made here are its subsegments.
if (process.env.LAMBDA_TASK_ROOT) lambdaEnvironment.init();
// A command that a person runs has no trace: that is no fault.
else contexts.setContextMissingStrategy("IGNORE_ERROR");

/** What is open now; undefined where there is no trace. */
export function openNow(): Segment | Subsegment | undefined {
  return contexts.resolveSegment();
}

/** Runs `body` with `segment` open, or with nothing open. */
export function runWith<T>(segment: Segment | Subsegment | undefined, body: () => T): T {
  return inner.run(new Map([[SEGMENT, segment]]), body);
}
