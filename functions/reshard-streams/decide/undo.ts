import type { UndoRequest } from "../../../shared/automation/undo.ts";
import type { Entry, Evidence, History } from "../../../shared/ledger/entry.ts";
import type { Observation, OpenShard } from "../model/observation.ts";
import { quotaOf } from "./measure/quota.ts";
import { largestStep, smallestStep } from "./measure/sizing.ts";

/** A stream as it is when a change of it is to be undone. */
export interface StreamNow {
  readonly status: string;
  readonly mode: "PROVISIONED" | "ON_DEMAND";
  /** By their first hash key. */
  readonly shards: readonly OpenShard[];
  readonly warmMiBps?: Observation["warmMiBps"];
  readonly distribution?: Observation["distribution"];
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
    }
  | { readonly kind: "UpdateStreamWarmThroughput"; readonly from: number; readonly to: number }
  | {
      readonly kind: "UpdateStreamRecordDistributionStrategy";
      readonly from: number;
      readonly to: number;
      readonly strategy: "USER_PARTITION_KEY";
    }
  | {
      readonly kind: "UpdateStreamMode";
      readonly from: number;
      readonly to: number;
      readonly mode: Observation["mode"];
    };

/** Or why there is none: a sentence. */
export type Refusal = { readonly refused: string };

const refuse = (refused: string): Refusal => ({ refused });

/** A split is undone by a merge, a merge by a split, a new shard count by the old one; only while it is the last change. */
export function undoOf(
  { entry: { intent }, later }: Pick<UndoRequest, "entry" | "later">,
  stream: StreamNow,
  history: History,
  now: number,
): Undo | Refusal {
  const { status, mode, shards } = stream;
  if (status !== "ACTIVE")
    return refuse(`the stream is ${status}: try again when it is ACTIVE, in a minute or two`);
  const since = later.find(({ intent: { action } }) => changesSame(action, intent.action));
  if (since) return refuse(`it is not the last change: ${changeText(since)} came after it, undo that first`);
  const lever = leverBack(intent, stream, history);
  if (lever) return lever;
  if (mode === "ON_DEMAND") return refuse("the stream is on demand: AWS sets its shards");
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

/** Calls that change the open shards. */
const RESHARDS: ReadonlySet<string> = new Set([
  "kinesis:UpdateShardCount",
  "kinesis:SplitShard",
  "kinesis:MergeShards",
]);

const changesSame = (action: string, other: string): boolean =>
  action === other || (RESHARDS.has(action) && RESHARDS.has(other));

const changeText = ({ intent: { id, action, from, to } }: Entry): string =>
  `${action} ${from} -> ${to} (${id})`;

/** The other calls than those that change shards; undefined for those. */
function leverBack(
  { action, from, to, evidence }: Entry["intent"],
  { mode, shards, warmMiBps, distribution }: StreamNow,
  history: History,
): Undo | Refusal | undefined {
  const open = { from: shards.length, to: shards.length };
  const since = "it was changed since, undo that first";
  switch (action) {
    case "kinesis:UpdateStreamWarmThroughput":
      return mode === "ON_DEMAND" && warmMiBps === to
        ? { kind: "UpdateStreamWarmThroughput", from: to, to: from }
        : refuse(`${warmMiBps ?? 0} MiB/s are kept warm and were ${to} after this change: ${since}`);
    case "kinesis:UpdateStreamRecordDistributionStrategy":
      return distribution === "AUTO"
        ? {
            kind: "UpdateStreamRecordDistributionStrategy",
            ...open,
            strategy: "USER_PARTITION_KEY",
          }
        : refuse(`records are not distributed by AUTO any more: ${since}`);
    case "kinesis:UpdateStreamMode": {
      if (evidence.mode !== mode) return refuse(`the stream is ${mode}: ${since}`);
      const made = history.entries.filter(
        (entry) => entry.intent.action === action && entry.outcome.result === "applied",
      ).length;
      if (made > 1) return refuse(`the mode was switched ${made} times in 24 hours, which is all AWS takes`);
      return { kind: "UpdateStreamMode", ...open, mode: mode === "ON_DEMAND" ? "PROVISIONED" : "ON_DEMAND" };
    }
    default:
      return undefined;
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
