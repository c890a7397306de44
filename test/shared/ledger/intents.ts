import type { Intent } from "../../../shared/ledger/entry.ts";

/** An intent to double a stream; `id` and `at` differ in most tests. */
export function intent(id: string, at: number, rest: Partial<Intent> = {}): Intent {
  return {
    id,
    at,
    automation: "reshard-streams",
    action: "kinesis:UpdateShardCount",
    direction: "out",
    from: 1,
    to: 2,
    reasons: ["the last 5 minutes' peak needs 2 shards"],
    evidence: { openShards: 1, utilisation: 0.93, demandUnit: "bytes", iteratorAgeMs: null },
    trigger: "alarm reflex-dev-stream-orders (ALARM)",
    traceId: "1-5759e988-bd862e3fe1be46a994272793",
    ...rest,
  };
}
