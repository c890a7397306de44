import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { parse } from "yaml";
import {
  ingestSchema,
  landingFor,
  type StreamPolicy,
} from "../../../functions/ingest-events/config/policy.ts";
import { readKinesisEvent } from "../../../functions/ingest-events/decode/kinesis-event.ts";
import { ingest } from "../../../functions/ingest-events/run/pipeline.ts";
import { budgetOfMs } from "./budgets.ts";
import { runStandIn } from "./run-stand-in.ts";
import { TableModel } from "./table-model.ts";

/** Runs a file of events/ by the config of stage dev, as `serverless invoke local` would. */
async function landed(file: string) {
  const { ingest: section } = parse(readFileSync("config/dev.yml", "utf8")) as { ingest: unknown };
  const batch = readKinesisEvent(JSON.parse(readFileSync(`events/ingest-events-${file}.json`, "utf8")));
  if (batch === undefined) return "nothing to do";
  const landing = landingFor(ingestSchema.parse(section), batch.stream);
  if (landing === undefined) throw new Error(`config/dev.yml has no stream ${batch.stream}`);
  const reasons: string[] = [];
  const quarantine = {
    send: async (bodies: readonly string[]) => {
      reasons.push(...bodies.map((body) => JSON.parse(body).reason));
      return [];
    },
    store: async () => undefined,
  };
  const run = runStandIn();
  const context = {
    landing,
    tableOf: (policy: StreamPolicy) => new TableModel(policy).table(),
    quarantine,
    budget: () => budgetOfMs(1000),
  };
  const report = await ingest(batch, { ...context, observeOnly: false }, run);
  return { report, stored: run.counts.get("Stored"), reasons, withoutId: run.counts.get("IdsFromPosition") };
}

const done = { batchItemFailures: [] };

it.each([
  ["plain", { report: done, stored: 4, reasons: [], withoutId: 0 }],
  ["gzip", { report: done, stored: 2, reasons: [], withoutId: 0 }],
  ["aggregate", { report: done, stored: 4, reasons: [], withoutId: 0 }],
  ["poison", { report: done, stored: 2, reasons: ["not-json", "not-json", "conflict"], withoutId: 1 }],
  ["empty", "nothing to do"],
])("lands events/ingest-events-%s.json", async (file, outcome) =>
  expect(await landed(file)).toEqual(outcome),
);
