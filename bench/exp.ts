import { streamPolicy } from "../functions/reshard-streams/config/policy.ts";
import { reflexController } from "../scripts/backtest/reflex-controller.ts";
import { simulate } from "../scripts/backtest/simulate.ts";
import { h80, staticShards } from "../scripts/backtest/bounds.ts";
import { recorded } from "./reshard-policy/public-series.ts";
import { synthetic } from "./reshard-policy/series.ts";
import * as extra from "./reshard-policy/series.ts";
const START = Date.parse("2026-11-02T00:00:00Z");
const peaks = (process.argv[2] ?? "4,16,64").split(",").map(Number);
const keys = JSON.parse(process.argv[3] ?? "{}");
const only = process.argv[4];
const hold = process.argv[5] === "hold";
const series = hold ? (extra as any).heldOut() : [...synthetic(), ...recorded()];
const R = 30_000, B = 30_000 * 1024;
for (const peak of peaks) {
  const logs: number[] = [], del: number[] = [], turnsAll: number[] = [];
  let refused = 0, dear = 0, worst = 0;
  for (const s of series) {
    if (only && !s.name.includes(only)) continue;
    const demand = s.values.map((v: number) => v * peak);
    const offered = demand.map((d: number) => ({ bytes: d * 1048576 * 60, records: d * 30000, readBytes: 0 }));
    const res = simulate(reflexController(streamPolicy.parse({ max: Math.max(64, 3 * peak), ...keys }), START - 86400_000 * 2), { offered, start: START, initialShards: staticShards(demand.slice(0, 1)), metricsLateMs: 90_000, retries: true });
    const x = res.shardHours / h80(demand);
    const st = staticShards(demand) * demand.length / 60;
    let turns = 0; const ch = res.changes;
    for (let i = 1; i < ch.length; i++) if (Math.sign(ch[i].to - ch[i].from) === -Math.sign(ch[i-1].to - ch[i-1].from)) turns++;
    const t = turns / (demand.length / 1440);
    logs.push(Math.log(x)); del.push(res.delayedShare); turnsAll.push(t); refused += res.refusedChanges;
    const d = res.shardHours > st; if (d) dear++; if (s.seasonal) worst = Math.max(worst, res.delayedShare);
    console.log(`${peak} ${s.name.padEnd(32)}${s.seasonal ? "S" : " "} x ${x.toFixed(2)} st ${(st / h80(demand)).toFixed(2)}${d ? " DEAR" : ""} delayed ${(res.delayedShare * 100).toFixed(2)} turns ${t.toFixed(1)} calls ${(ch.filter(c => c.kind === "UpdateShardCount").length / (demand.length / 1440)).toFixed(1)}`);
    if (only && process.argv[5] === "log") for (const c of res.decisions.filter(x=>x.kind!=="hold").slice(0, 80)) console.log("   ", new Date(c.at).toISOString().slice(8, 16), c.kind, (c as any).from, (c as any).to, c.verdict, c.reason.slice(0, 150));
  }
  const m = (a: number[]) => a.reduce((p, q) => p + q, 0) / a.length;
  turnsAll.sort((a, b) => a - b);
  console.log(`== ${peak}: x ${Math.exp(m(logs)).toFixed(3)} delayed ${(m(del) * 100).toFixed(2)} seasonal worst ${(worst * 100).toFixed(2)} dear ${dear} refused ${refused} turns ${turnsAll[turnsAll.length >> 1].toFixed(1)}`);
}
