import { KinesisClient } from "@aws-sdk/client-kinesis";
import type { PlanUndo } from "../../../shared/automation/undo.ts";
import type { CallRates } from "../../../shared/aws/call-rates.ts";
import { clientOptions } from "../../../shared/aws/client-options.ts";
import { type Undo, undoOf } from "../decide/undo.ts";
import { observeShards } from "../observe/observe.ts";
import { callKinesis } from "./calls.ts";

/** A person's two calls need not wait for their turn. */
const ONE_PERSON: CallRates = { take: async () => {} };

/** For `reflex undo`: the one call that brings a stream back to what it was before a change. */
export const planUndo: PlanUndo = async ({ resource, entry, history, clock, aws }) => {
  const stream = resource.slice("stream/".length);
  const kinesis = new KinesisClient({ ...clientOptions(), ...aws });
  const signal = new AbortController().signal;
  const now = await observeShards(stream, kinesis, ONE_PERSON, signal);
  const undo = undoOf(entry, now, history, clock.now());
  if ("refused" in undo) return undo;
  const { kind, from, to } = undo;
  return {
    what: `${kind} ${changeOf(undo)} of ${stream}`,
    change: {
      action: `kinesis:${kind}`,
      direction: to === from ? "none" : to > from ? "out" : "in",
      ...{ from, to },
      evidence: { openShards: now.shards.length, ...("mode" in undo && { mode: undo.mode }) },
    },
    notes: ["Records stay readable: those of a closed shard until the stream's retention is over."],
    call: () => callKinesis({ stream, arn: now.arn }, undo, kinesis, signal),
  };
};

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
