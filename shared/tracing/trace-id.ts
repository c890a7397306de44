/** The trace id of this invocation (`1-…-…`), or undefined outside Lambda. */
export function currentTraceId(): string | undefined {
  return /Root=([^;]+)/.exec(process.env._X_AMZN_TRACE_ID ?? "")?.[1];
}
