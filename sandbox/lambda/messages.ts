/** What an execution environment and its thread say to each other. */

import type { Reach } from "../ec2/network.ts";

/** What the thread is given at its start. */
export interface RuntimeData {
  /** The directory the package was unpacked to. */
  readonly taskRoot: string;
  /** As in the template, for example `functions/check-sites/handler.handler`. */
  readonly handler: string;
  /** The sandbox's clock. */
  readonly shared: SharedArrayBuffer;
}

export interface InvokeMessage {
  readonly requestId: string;
  /** JSON. */
  readonly payload: string;
  readonly functionArn: string;
  readonly timeoutMs: number;
  readonly reach: Reach;
  /** For `_X_AMZN_TRACE_ID`. */
  readonly traceHeader: string;
}

/** As Lambda answers a failed invocation. */
export interface FunctionError {
  readonly errorType: string;
  readonly errorMessage: string;
  readonly trace?: readonly string[];
}

export type RuntimeMessage =
  /** The handler is loaded. */
  | { readonly type: "ready" }
  /** The module could not be loaded or has no such handler. */
  | { readonly type: "init-error"; readonly error: FunctionError }
  /** Written to standard output or standard error. */
  | { readonly type: "output"; readonly text: string }
  /** The handler's result as JSON. */
  | { readonly type: "result"; readonly requestId: string; readonly payload: string }
  | { readonly type: "error"; readonly requestId: string; readonly error: FunctionError };
