import type { Entry, Evidence, History } from "../../../shared/ledger/entry.ts";
import type { OpenShard } from "../model/observation.ts";
import { quotaOf } from "./measure/quota.ts";
import { largestStep, smallestStep } from "./measure/sizing.ts";

/** A stream as it is when a change of it is to be undone. */
export interface StreamNow {
  readonly status: string;
  readonly mode: "PROVISIONED" | "ON_DEMAND";
  /** By their first hash key. */
  readonly shards: readonly OpenShard[];
}

/** The call that undoes a change; the numbers are open shards. */
export type Undo =
  | { readonly kind: "UpdateShardCount"; readonly from: number; readonly to: number }
  | {
      readonly kind: "MergeShards";
      readonly from: number;
      readonly to: number;
      readonly shardId: string;
      readonly adjacentShardId: string;
    }
  | {
      readonly kind: "SplitShard";
      readonly from: number;
      readonly to: number;
      readonly shardId: string;
      readonly newStartingHashKey: string;
    };

/** Or why there is none: a sentence. */
export type Refusal = { readonly refused: string };

const refuse = (refused: string): Refusal => ({ refused });

/** A split is undone by a merge, a merge by a split, a new shard count by the old one; only while it is the last change. */
export function undoOf({ intent }: Entry, stream: StreamNow, history: History, now: number): Undo | Refusal {
  const { status, mode, shards } = stream;
  if (mode === "ON_DEMAND") return refuse("the stream is on demand: AWS sets its shards");
  if (status !== "ACTIVE")
    return refuse(`the stream is ${status}: try again when it is ACTIVE, in a minute or two`);
  if (shards.length !== intent.to) {
    return refuse(
      `it has ${shards.length} open shards and had ${intent.to} after this change: it was changed since, undo that first`,
    );
  }
  switch (intent.action) {
    case "kinesis:SplitShard":
      return merge(String(intent.evidence.shard), shards);
    case "kinesis:MergeShards":
      return splitAgain(intent.evidence, shards);
    case "kinesis:UpdateShardCount":
      return update(intent.from, shards.length, history, now);
    default:
      return refuse(`${intent.action} is nothing that can be undone`);
  }
}

function merge(parent: string, shards: readonly OpenShard[]): Undo | Refusal {
  const [left, right, ...others] = shards.filter(({ parentId }) => parentId === parent);
  if (!left || !right || others.length > 0 || left.to + 1n !== right.from)
    return refuse(`the two shards that ${parent} was split into are not both open any more`);
  const from = shards.length;
  return { kind: "MergeShards", from, to: from - 1, shardId: left.id, adjacentShardId: right.id };
}

/** Where the border between the two was. */
function splitAgain({ shard, border }: Evidence, shards: readonly OpenShard[]): Undo | Refusal {
  const merged = shards.find(({ parentId }) => parentId === shard);
  if (!merged || typeof border !== "string")
    return refuse(`the shard that ${shard} was merged into is not open any more`);
  const from = shards.length;
  return {
    kind: "SplitShard",
    from,
    to: from + 1,
    shardId: merged.id,
    newStartingHashKey: border,
  };
}

function update(to: number, from: number, history: History, now: number): Undo | Refusal {
  if (to > largestStep(from) || to < smallestStep(from))
    return refuse(`AWS takes no step from ${from} to ${to} shards: it takes half to double`);
  const { left, used, nextAt } = quotaOf(history, now);
  if (left === 0) {
    const next = new Date(nextAt).toISOString().slice(0, 16);
    return refuse(
      `${used} UpdateShardCount calls were made in 24 hours, which is all AWS takes: the next one is allowed at ${next}Z`,
    );
  }
  return { kind: "UpdateShardCount", from, to };
}
