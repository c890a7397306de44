import * as z from "zod/mini";

const decision = { trigger: z.string(), verdict: z.string(), did: z.string(), reasons: z.array(z.string()) };

const StreamDecision = z.looseObject({ stream: z.string(), ...decision });
const PoolDecision = z.looseObject({ pool: z.string(), ...decision });
const NodeDrain = z.looseObject({
  node: z.string(),
  reason: z.string(),
  outcome: z._default(z.string(), ""),
  did: z.string(),
});

/** What the automations return, as far as the sandbox shows it. Each list is of another automation. */
const FunctionResult = z.looseObject({
  streams: z._default(z.array(StreamDecision), []),
  pools: z._default(z.array(PoolDecision), []),
  nodes: z._default(z.array(NodeDrain), []),
  /** `shop: UP -> DOWN`. */
  notified: z._default(z.array(z.string()), []),
  /** `shop: DOWN: status is 500, expected 200`. */
  notUp: z._default(z.array(z.string()), []),
});

export type FunctionResult = z.infer<typeof FunctionResult>;

/** Reads a function's payload; undefined for one that holds no decisions. */
export function readFunctionResult(payload: string): FunctionResult | undefined {
  try {
    return FunctionResult.safeParse(JSON.parse(payload)).data;
  } catch {
    return undefined;
  }
}
