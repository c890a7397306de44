import { KinesisClient } from "@aws-sdk/client-kinesis";
import type { PlanUndo } from "../../../shared/automation/undo.ts";
import type { CallRates } from "../../../shared/aws/call-rates.ts";
import { clientOptions } from "../../../shared/aws/client-options.ts";
import type { Evidence } from "../../../shared/ledger/entry.ts";
import { type StreamNow, type Undo, undoOf } from "../decide/undo.ts";
import { observeShards } from "../observe/observe.ts";
import { callKinesis } from "./calls.ts";

/** A person's two calls need not wait for their turn. */
const ONE_PERSON: CallRates = { take: async () => {} };

/** For `reflex undo`: the one call that brings a stream back to what it was before a change. */
export const planUndo: PlanUndo = async ({ resource, entry, later, history, clock, aws }) => {
  const stream = resource.slice("stream/".length);
  const kinesis = new KinesisClient({ ...clientOptions(), ...aws });
  const signal = new AbortController().signal;
  const now = await observeShards(stream, kinesis, ONE_PERSON, signal);
  const undo = undoOf({ entry, later }, now, history, clock.now());
  if ("refused" in undo) return undo;
  const { kind, from, to } = undo;
  return {
    what: `${kind} ${changeOf(undo)} of ${stream}`,
    change: {
      action: `kinesis:${kind}`,
      direction: to === from ? "none" : to > from ? "out" : "in",
      ...{ from, to },
      evidence: { openShards: now.shards.length, ...evidenceOf(undo, now) },
    },
    notes: ["Records stay readable: those of a closed shard until the stream's retention is over."],
    async call() {
      await callKinesis({ stream, arn: now.arn }, undo, kinesis, signal);
      return [];
    },
  };
};

/** What undoes the undo: as the automation writes it of its own changes. */
function evidenceOf(undo: Undo, { shards }: StreamNow): Evidence {
  switch (undo.kind) {
    case "SplitShard":
      return { shard: undo.shardId };
    case "MergeShards": {
      const right = shards.find(({ id }) => id === undo.adjacentShardId);
      return { shard: undo.shardId, ...(right && { border: right.from.toString() }) };
    }
    case "UpdateStreamMode":
      return { mode: undo.mode };
    default:
      return {};
  }
}

function changeOf(undo: Undo): string {
  switch (undo.kind) {
    case "UpdateStreamRecordDistributionStrategy":
      return undo.strategy;
    case "UpdateStreamMode":
      return undo.mode;
    case "UpdateStreamWarmThroughput":
      return `${undo.from} -> ${undo.to} MiB/s`;
    default:
      return `${undo.from} -> ${undo.to} shards`;
  }
}
