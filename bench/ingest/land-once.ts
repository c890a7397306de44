/**
 * Started by bench/ingest/memory.ts: `node bench/ingest/land-once.ts <landing> <file with the event> <endpoint of DynamoDB>`
 * lands one batch in this process and prints the most memory it had, by the operating system.
 */
import { readFileSync } from "node:fs";
import type { Landing, RecordOptions } from "./landings.ts";

Object.assign(process.env, {
  POWERTOOLS_LOG_LEVEL: "SILENT",
  POWERTOOLS_METRICS_DISABLED: "true",
  AWS_XRAY_CONTEXT_MISSING: "IGNORE_ERROR",
});

const [name = "", file = "", endpoint = "", options = "{}"] = process.argv.slice(2);
const { clientOf, floorLanding, powertoolsLanding, reflexLanding } = await import("./landings.ts");
const client = clientOf(endpoint);
const own = clientOf(endpoint, { maxAttempts: 1 });
// Not every batch has `actor.id`.
const format: RecordOptions = { version: { from: "$arrivedAt", format: "iso" }, ...JSON.parse(options) };
const LANDINGS: Readonly<Record<string, () => Landing>> = {
  nothing: () => ({ name: "the event alone, read and held", land: async () => [] }),
  powertools: () => powertoolsLanding(client),
  floor: () => floorLanding(client, 10_000),
  append: () => reflexLanding(own, "append", format),
  "append-once": () => reflexLanding(own, "append-once", format),
  latest: () => reflexLanding(own, "latest", format),
};
const landing = LANDINGS[name]?.();
if (landing === undefined) throw new Error(`no landing ${name}`);

const from = performance.now();
let failure: string | undefined;
const left = await landing.land(JSON.parse(readFileSync(file, "utf8"))).catch((error: Error) => {
  failure = error.message;
  return [];
});
const seconds = (performance.now() - from) / 1000;
client.destroy();
own.destroy();
console.log(
  JSON.stringify({
    title: landing.name,
    megabytes: process.resourceUsage().maxRSS / 1024,
    seconds,
    left: left.length,
    failure,
  }),
);
