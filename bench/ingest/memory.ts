/**
 * Started by bench/ingest/ingest.ts: `node bench/ingest/memory.ts <landing> <file with the event>` lands one batch in this process and
 * prints the most memory it had.
 */
import { readFileSync } from "node:fs";
import type { Landing } from "./landings.ts";

Object.assign(process.env, {
  POWERTOOLS_LOG_LEVEL: "SILENT",
  POWERTOOLS_METRICS_DISABLED: "true",
  AWS_XRAY_CONTEXT_MISSING: "IGNORE_ERROR",
});

const { floorLanding, instantClient, powertoolsLanding, reflexLanding } = await import("./landings.ts");
const client = instantClient();
const LANDINGS: Readonly<Record<string, () => Landing>> = {
  nothing: () => ({ name: "the event alone, read and held", land: async () => {} }),
  powertools: () => powertoolsLanding(client),
  floor: () => floorLanding(client, 10_000),
  append: () => reflexLanding(client, "append", "takes"),
  "append-once": () => reflexLanding(client, "append-once", "takes"),
  latest: () => reflexLanding(client, "latest", "takes"),
};
const [name = "", file = ""] = process.argv.slice(2);
const landing = LANDINGS[name]?.();
if (landing === undefined) throw new Error(`no landing ${name}`);

await landing.land(JSON.parse(readFileSync(file, "utf8")));
console.log(JSON.stringify({ title: landing.name, megabytes: process.resourceUsage().maxRSS / 1024 }));
