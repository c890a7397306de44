/** How many decisions a second `decide` makes, on one core, by the size of the stream. */

import { streamPolicy } from "../functions/reshard-streams/config/policy.ts";
import { decide } from "../functions/reshard-streams/decide/decide.ts";
import type { Observation } from "../functions/reshard-streams/model/observation.ts";
import { printTable } from "./table.ts";

const NOW = Date.parse("2026-11-21T12:00:00Z");
const ROUNDS_MS = 1000;

export async function decisions(): Promise<void> {
  const policy = streamPolicy.parse({ max: 10_000 });
  const history = { resource: "stream/bench", version: 0, entries: [] };
  const rows = [1, 100, 10_000].map((shards) => {
    const looks = Array.from({ length: 64 }, (_, index) => look(shards, (index / 64) * shards));
    const until = performance.now() + ROUNDS_MS;
    const from = performance.now();
    let count = 0;
    let changes = 0;
    while (performance.now() < until) {
      for (const seen of looks) if (decide(seen, policy, history, NOW).kind !== "hold") changes += 1;
      count += looks.length;
    }
    const seconds = (performance.now() - from) / 1000;
    return [
      `${shards} shards`,
      Math.round(count / seconds).toLocaleString("en"),
      ((seconds / count) * 1e6).toFixed(1),
      `${Math.round((changes / count) * 100)} %`,
    ];
  });
  printTable(
    "decide of reshard-streams, 60 minutes of metrics",
    ["stream of", "decisions/s", "µs each", "that change it"],
    rows,
  );
}

function look(shards: number, demand: number): Observation {
  const width = 2n ** 128n / BigInt(shards);
  return {
    stream: "bench",
    status: "ACTIVE",
    mode: "PROVISIONED",
    createdAt: 0,
    metricsComplete: true,
    shards: Array.from({ length: shards }, (_, index) => ({
      id: `shardId-${index}`,
      from: BigInt(index) * width,
      to: BigInt(index + 1) * width - 1n,
    })),
    minutes: Array.from({ length: 60 }, (_, index) => ({
      at: NOW - (60 - index) * 60_000,
      bytes: Math.round(demand * 60 * 1_048_576),
      records: 0,
      throttled: 0,
      readBytes: 0,
      throttledReads: 0,
    })),
  };
}
