import { randomBytes } from "node:crypto";

/** An exception in a subsegment's `cause`. https://docs.aws.amazon.com/xray/latest/devguide/xray-api-segmentdocuments.html#api-segmentdocuments-errors */
interface Exception {
  readonly id: string;
  readonly message: string;
  readonly type: string;
  readonly remote?: true;
  /** Frames that were left out. */
  readonly truncated?: number;
  /** The id of the exception it comes of. */
  readonly cause?: string;
  readonly stack: readonly { readonly path: string; readonly line: number; readonly label: string }[];
}

/** The exceptions themselves, or the id of one that stands in another subsegment of the same trace. */
export type Cause = string | { readonly exceptions: readonly Exception[] };

/** Whose error it is: of this run, or of the other side of a call. */
export type ErrorOrigin = "own" | "remote";

const FRAMES = 10;
const MESSAGE = 2000;
const DEPTH = 8;

const shown = new WeakMap<Error, { readonly traceId: string; readonly id: string }>();

/**
 * Why a subsegment failed: its error and what that comes of. An error that another subsegment of the trace shows
 * already is referred to by its id.
 */
export function causeOf(error: unknown, traceId: string, origin: ErrorOrigin = "own"): Cause {
  const known = knownId(error, traceId);
  if (known !== undefined) return known;
  const exceptions: Exception[] = [];
  add(error, 1);
  return { exceptions };

  function add(one: unknown, depth: number): string {
    const before = knownId(one, traceId);
    if (before !== undefined) return before;
    const id = randomBytes(8).toString("hex");
    if (one instanceof Error) shown.set(one, { traceId, id });
    const place = exceptions.length;
    const exception = {
      id,
      ...described(one),
      ...(origin === "remote" && depth === 1 && { remote: true as const }),
    };
    exceptions.push(exception);
    const [first, ...others] = depth < DEPTH ? causesOf(one) : [];
    if (first !== undefined) exceptions[place] = { ...exception, cause: add(first, depth + 1) };
    for (const other of others.slice(0, DEPTH)) add(other, DEPTH);
    return id;
  }
}

function knownId(error: unknown, traceId: string): string | undefined {
  const known = error instanceof Error ? shown.get(error) : undefined;
  return known?.traceId === traceId ? known.id : undefined;
}

/** What an error comes of; several failures that were thrown as one have them all as their cause. */
export function causesOf(error: unknown): readonly unknown[] {
  if (!(error instanceof Error) || error.cause === undefined) return [];
  return Array.isArray(error.cause) ? error.cause : [error.cause];
}

function described(error: unknown) {
  if (!(error instanceof Error)) return { message: String(error).slice(0, MESSAGE), type: "", stack: [] };
  const frames = (error.stack ?? "").split("\n").flatMap((line) => {
    const frame = /^\s*at (?:(?<label>.*?) \()?(?<path>[^()]*?):(?<line>\d+):\d+\)?$/.exec(line)?.groups;
    return frame
      ? [{ path: frame.path ?? "", line: Number(frame.line), label: frame.label ?? "anonymous" }]
      : [];
  });
  return {
    message: error.message.slice(0, MESSAGE),
    type: error.name,
    ...(frames.length > FRAMES && { truncated: frames.length - FRAMES }),
    stack: frames.slice(0, FRAMES),
  };
}
