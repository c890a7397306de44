/** Started by bench/ingest.ts: lands 10,000 records once in this process and prints the most memory it had. */
import { jsonRecords, kinesisEvent } from "./ingest-records.ts";

Object.assign(process.env, {
  POWERTOOLS_LOG_LEVEL: "SILENT",
  POWERTOOLS_METRICS_DISABLED: "true",
  AWS_XRAY_CONTEXT_MISSING: "IGNORE_ERROR",
});

const COUNT = 10_000;
const { floorLanding, instantClient, powertoolsLanding, reflexLanding } = await import(
  "./ingest-landings.ts"
);
const client = instantClient();
const landing = {
  nothing: { name: "the event alone, read and held", land: async () => {} },
  powertools: powertoolsLanding(client),
  floor: floorLanding(client, COUNT),
  reflex: reflexLanding(client),
}[process.argv[2] ?? ""];
if (landing === undefined) throw new Error(`no landing ${process.argv[2]}`);

await landing.land(JSON.parse(JSON.stringify(kinesisEvent(jsonRecords(COUNT)))));
console.log(JSON.stringify({ title: landing.name, megabytes: process.resourceUsage().maxRSS / 1024 }));
