import * as z from "zod/mini";

/** A sentence, or a reason with its code and its text. */
const reason = z.union([
  z.string(),
  z.pipe(
    z.looseObject({ text: z.string() }),
    z.transform(({ text }) => text),
  ),
]);

const decision = {
  trigger: z.string(),
  verdict: z.string(),
  reasons: z.array(reason),
};

/** What the run did about a resource: `none`, or for example `UpdateShardCount 1 -> 2`. */
const action = z.string();

const StreamDecision = z.looseObject({ stream: z.string(), action, ...decision });
const PoolDecision = z.looseObject({ pool: z.string(), action, ...decision });
const NodeDrain = z.looseObject({
  node: z.string(),
  cause: z.string(),
  outcome: z.string(),
  reason,
});

const FunctionResult = z.looseObject({
  streams: z._default(z.array(StreamDecision), []),
  pools: z._default(z.array(PoolDecision), []),
  nodes: z._default(z.array(NodeDrain), []),
  /** `shop: UP -> DOWN`. */
  notified: z._default(z.array(z.string()), []),
  /** `shop: DOWN: status is 500, expected 200`. */
  notUp: z._default(z.array(z.string()), []),
});

/** What the automations return, as far as the sandbox shows it, in one shape. */
export interface FunctionDecisions {
  readonly decisions: readonly ResourceDecision[];
  readonly drains: readonly z.infer<typeof NodeDrain>[];
  /** `shop: UP -> DOWN`. */
  readonly notified: readonly string[];
  /** `shop: DOWN: status is 500, expected 200`. */
  readonly notUp: readonly string[];
}

/** A decision of reshard-streams or scale-node-pools. */
export interface ResourceDecision {
  readonly kind: "stream" | "node-pool";
  readonly name: string;
  readonly trigger: string;
  readonly verdict: string;
  /** `none`, or what was done. */
  readonly action: string;
  readonly reasons: readonly string[];
}

/** Reads a function's payload; undefined for one that holds no decisions. */
export function readFunctionResult(payload: string): FunctionDecisions | undefined {
  const result = FunctionResult.safeParse(json(payload)).data;
  if (!result) return undefined;
  const { streams, pools, nodes, notified, notUp } = result;
  return {
    decisions: [
      ...streams.map(
        ({ stream, trigger, verdict, action, reasons }) =>
          ({ kind: "stream", name: stream, trigger, verdict, action, reasons }) as const,
      ),
      ...pools.map(
        ({ pool, trigger, verdict, action, reasons }) =>
          ({ kind: "node-pool", name: pool, trigger, verdict, action, reasons }) as const,
      ),
    ],
    drains: nodes,
    notified,
    notUp,
  };
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
