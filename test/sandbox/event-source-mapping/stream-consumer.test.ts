import { expect, it } from "vitest";
import type { StartingPosition } from "../../../sandbox/event-source-mapping/settings.ts";
import { type Shard, StreamConsumer } from "../../../sandbox/event-source-mapping/stream-consumer.ts";
import { NOW, SETTINGS, streamRecords } from "./stream-records.ts";

interface ShardInTest extends Shard {
  records: number;
  closed: boolean;
}

/** A consumer of these shards; `read` is the shards whose records came to the function, in order. */
function consumer(shards: ShardInTest[], startingPosition: StartingPosition = "TRIM_HORIZON") {
  const read: string[] = [];
  const opened: [string, StartingPosition][] = [];
  const made = new StreamConsumer({
    startingPosition,
    listShards: async () => shards,
    openShard: async (shardId, from) => {
      opened.push([shardId, from]);
      return {
        read: async () => {
          const shard = shards.find((one) => one.shardId === shardId);
          const records = streamRecords(shard?.records ?? 0);
          if (shard) shard.records = 0;
          return { records, closed: shard?.closed ?? true };
        },
      };
    },
    consumerOptions: (shardId) => ({
      settings: SETTINGS,
      now: () => NOW,
      invoke: async () => {
        read.push(shardId);
        return { kind: "answered", requestId: "r", payload: "" };
      },
      discard: async () => {},
    }),
  });
  return { made, read, opened };
}

const shard = (shardId: string, parents: string[], closed: boolean): ShardInTest => ({
  shardId,
  parents,
  closed,
  records: 1,
});

it("reads a parent to its end before its children, after a split and after a merge", async () => {
  const parent = shard("a", [], false);
  const shards = [parent, shard("b", ["a"], true), shard("c", ["a"], true), shard("d", ["b", "c"], false)];
  const { made, read } = consumer(shards);
  await made.step();
  expect(read).toEqual(["a"]);
  parent.closed = true;
  await made.step();
  await made.step();
  expect(read.toSorted()).toEqual(["a", "b", "c"]);
  await made.step();
  expect(read.at(-1)).toBe("d");
});

it("does not wait for a parent that the stream has forgotten", async () => {
  const { made, read } = consumer([shard("b", ["gone"], false)]);
  await made.step();
  expect(read).toEqual(["b"]);
});

it.each<StartingPosition>(["LATEST", { at: NOW }])(
  "begins at %j, and reads the shards of a later reshard whole",
  async (position) => {
    const first = shard("a", [], false);
    const shards = [first];
    const { made, opened } = consumer(shards, position);
    await made.step();
    first.closed = true;
    shards.push(shard("b", ["a"], false));
    await made.step();
    await made.step();
    expect(opened).toEqual([
      ["a", position],
      ["b", "TRIM_HORIZON"],
    ]);
  },
);
