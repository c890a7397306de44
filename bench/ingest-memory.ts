/** Started by bench/ingest.ts: lands one batch in this process and prints the most memory it had. */
import { gzipSync } from "node:zlib";
import { aggregate } from "../sandbox/kpl-aggregate.ts";
import type { Landing } from "./ingest-landings.ts";
import { events, kinesisEvent } from "./ingest-records.ts";

Object.assign(process.env, {
  POWERTOOLS_LOG_LEVEL: "SILENT",
  POWERTOOLS_METRICS_DISABLED: "true",
  AWS_XRAY_CONTEXT_MISSING: "IGNORE_ERROR",
});

const COUNT = 10_000;
const { floorLanding, instantClient, powertoolsLanding, reflexLanding } = await import(
  "./ingest-landings.ts"
);

/** 10,000 records, 4.5 MB together. */
const plain = () =>
  events(COUNT).map(({ id, type, actor, repo }) =>
    Buffer.from(JSON.stringify({ id, type, actor, repo, x: "x".repeat(150) })),
  );
/** 16 KB of gzip that open to 16.5 MB: `{"a":[{},{},…]}`. */
const bomb = (element: string) => gzipSync(`{"id":"b","a":[${Array(5_500_000).fill(element).join(",")}]}`);
/** As large as an item may be, of the smallest elements; another id each. */
const fullItem = (at: number) => gzipSync(`{"id":"${at}","a":[${Array(100_000).fill("{}").join(",")}]}`);
const full = (count: number) => Array.from({ length: count }, (_none, at) => fullItem(at));

const client = instantClient();
const LANDINGS: Readonly<Record<string, () => { landing: Landing; records: Uint8Array[] }>> = {
  nothing: () => ({
    landing: { name: "the event alone, read and held", land: async () => {} },
    records: plain(),
  }),
  powertools: () => ({ landing: powertoolsLanding(client), records: plain() }),
  floor: () => ({ landing: floorLanding(client, COUNT), records: plain() }),
  append: () => ({ landing: reflexLanding(client), records: plain() }),
  "append-once": () => ({ landing: reflexLanding(client, "append-once"), records: plain() }),
  latest: () => ({ landing: reflexLanding(client, "latest"), records: plain() }),
  bombs: () => ({
    landing: { ...reflexLanding(client, "append", "takes"), name: "ingest-events, 270 bombs of 16 KB" },
    records: Array(270).fill(bomb("{}")),
  }),
  aggregate: () => ({
    landing: {
      ...reflexLanding(client, "append", "takes"),
      name: "ingest-events, an aggregate of 62 bombs and full items",
    },
    records: [
      aggregate([...Array(62).fill(bomb("[]")), ...full(200)].map((data) => ({ partitionKey: "k", data }))),
    ],
  }),
  deep: () => ({
    landing: {
      ...reflexLanding(client, "append-once", "takes"),
      name: "ingest-events, 1,000 full items, zipped",
    },
    records: full(1_000),
  }),
};
const chosen = LANDINGS[process.argv[2] ?? ""];
if (chosen === undefined) throw new Error(`no landing ${process.argv[2]}`);
const { landing, records } = chosen();

const text = JSON.stringify(kinesisEvent(records));
records.length = 0;
await landing.land(JSON.parse(text));
console.log(JSON.stringify({ title: landing.name, megabytes: process.resourceUsage().maxRSS / 1024 }));
