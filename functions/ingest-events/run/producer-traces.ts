import type { JsonValue } from "../decode/json.ts";

/** The trace in which a producer made an event. */
export interface ProducerTrace {
  /** As X-Ray writes it: `1-…-…`. */
  readonly id: string;
  /** Whether X-Ray has it; also where the producer's header leaves that open. */
  readonly isKept: boolean;
}

/** https://docs.aws.amazon.com/xray/latest/devguide/xray-concepts.html#xray-concepts-tracingheader */
const XRAY_ROOT = /(?:^|;)\s*Root=(1-[0-9a-f]{8}-[0-9a-f]{24})\s*(?:;|$)/;
const XRAY_NOT_SAMPLED = /(?:^|;)\s*Sampled=0\s*(?:;|$)/;
/** https://www.w3.org/TR/trace-context/#traceparent-header: version, trace id, parent id, flags; later versions may have more. */
const W3C =
  /^(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{8})([0-9a-f]{24})-(?!0{16})[0-9a-f]{16}-([0-9a-f]{2})(?:-|$)/;
const W3C_SAMPLED = 1;

/** What a trace header says, X-Ray's (`Root=1-…;Parent=…;Sampled=1`) or the W3C's; `undefined` for anything else. */
export function producerTraceOf(header: JsonValue | undefined): ProducerTrace | undefined {
  if (typeof header !== "string") return undefined;
  const [, time, rest, flags = ""] = W3C.exec(header) ?? [];
  if (time !== undefined) {
    return { id: `1-${time}-${rest}`, isKept: (Number.parseInt(flags, 16) & W3C_SAMPLED) !== 0 };
  }
  const id = XRAY_ROOT.exec(header)?.[1];
  return id === undefined ? undefined : { id, isKept: !XRAY_NOT_SAMPLED.test(header) };
}

/** So many go into one annotation: an indexed value has at most 1,000 characters, an id 35. AWS links a segment to as many traces. */
const MAX_IDS = 20;

/** The producers' traces of one part of a batch, each once and in their order: those that X-Ray has. */
export class ProducerTraces {
  readonly #ids = new Set<string>();

  add({ id, isKept }: ProducerTrace): void {
    if (isKept && this.#ids.size < MAX_IDS) this.#ids.add(id);
  }

  /** As an annotation has them; `undefined` for none. */
  get annotation(): string | undefined {
    return this.#ids.size === 0 ? undefined : [...this.#ids].join(" ");
  }
}
