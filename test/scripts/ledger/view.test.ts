import { DynamoDBClient, ScanCommand } from "@aws-sdk/client-dynamodb";
import { mockClient } from "aws-sdk-client-mock";
import { describe, expect, it } from "vitest";
import { statusText } from "../../../scripts/ledger/status/status-lines.ts";
import { ledgerView, readLedger } from "../../../scripts/ledger/view.ts";
import { entryBlock } from "../../../scripts/ledger/wording.ts";
import type { Incident } from "../../../shared/incidents/incident.ts";
import type { Entry, Intent } from "../../../shared/ledger/entry.ts";
import { entryItem } from "../../../shared/ledger/items.ts";

const AT = Date.parse("2026-11-28T02:00:00Z");
const MINUTE = 60_000;

const intent = (over: Partial<Intent> = {}): Intent => ({
  id: "i1",
  at: AT,
  automation: "reshard-streams",
  action: "kinesis:UpdateShardCount",
  direction: "out",
  from: 4,
  to: 8,
  reasons: ["writes use 91 % of 4 shards"],
  evidence: { peak: 0.91 },
  trigger: "alarm reflex-prod-stream-orders (ALARM)",
  traceId: "1-abc",
  ...over,
});

const entry = (over: Partial<Intent> = {}, outcome: Partial<Entry["outcome"]> = {}): Entry => ({
  intent: intent(over),
  outcome: { result: "applied", at: AT + 1000, ...outcome },
});

const incident = (over: Partial<Incident> = {}): Incident => ({
  key: "bounds",
  kind: "condition",
  id: "n1",
  code: "at-max",
  text: "12 shards are needed, max is 8",
  severity: "critical",
  since: AT - 28 * MINUTE,
  sequence: 1,
  causes: {},
  ...over,
});

const incidentsItem = (resource: string, ...all: readonly Incident[]) => ({
  pk: { S: resource },
  sk: { S: "incidents" },
  body: { S: JSON.stringify(Object.fromEntries(all.map((one) => [one.key, one]))) },
});

describe("the ledger as a person reads it", () => {
  it("has the entries of each resource newest first, what is in doubt, and what is open", () => {
    const items = [
      entryItem("stream/orders", entry({ id: "old", at: AT - MINUTE }), 0),
      entryItem("stream/orders", entry(), 0),
      {
        pk: { S: "stream/orders" },
        sk: { S: "head" },
        pending: { S: JSON.stringify(intent({ id: "now" })) },
      },
      incidentsItem("stream/clicks", incident()),
    ];
    const [clicks, orders] = ledgerView(items).resources;
    expect(clicks).toMatchObject({ resource: "stream/clicks", openIncidents: [{ code: "at-max" }] });
    expect(orders?.entries.map(({ intent }) => intent.id)).toEqual(["i1", "old"]);
    expect(orders?.inDoubt?.id).toBe("now");
  });

  it.each([
    ["ended", { clearSince: AT }],
    ["that nobody was notified of", { sequence: 0 }],
    ["that is an event and has no end", { kind: "event" as const }],
  ])("has no incident %s", (_, over) => {
    expect(ledgerView([incidentsItem("stream/orders", incident(over))]).resources).toEqual([]);
  });

  it("leaves out what another version wrote", () => {
    const unreadable = { pk: { S: "stream/orders" }, sk: { S: "entry#x" }, body: { S: "{" } };
    expect(
      ledgerView([unreadable, entryItem("stream/clicks", entry(), 0)]).resources.map(
        ({ resource }) => resource,
      ),
    ).toEqual(["stream/clicks"]);
  });

  it("is read to its last page", async () => {
    const dynamodb = mockClient(DynamoDBClient);
    dynamodb
      .on(ScanCommand)
      .resolvesOnce({
        Items: [entryItem("stream/a", entry(), 0)],
        LastEvaluatedKey: { pk: { S: "stream/a" } },
      })
      .resolvesOnce({ Items: [entryItem("stream/b", entry(), 0)] });
    const { resources } = await readLedger(new DynamoDBClient({}), "reflex-prod-ledger");
    expect(resources.map(({ resource }) => resource)).toEqual(["stream/a", "stream/b"]);
  });
});

describe("the status", () => {
  it("says what needs a person first, the most urgent first, then each resource", () => {
    const { resources } = ledgerView([
      incidentsItem(
        "node-pool/workers",
        incident({ severity: "warning", code: "not-joined", text: "i-1 did not join" }),
      ),
      incidentsItem("stream/orders", incident()),
      entryItem("stream/orders", entry({}, { result: "refused", detail: "LimitExceededException" }), 0),
    ]);
    expect(
      statusText({
        stage: "prod",
        at: AT,
        alarms: ["reflex-prod-check-sites-silent"],
        pauses: [],
        sites: [],
        landed: [],
        resources,
      }),
    ).toBe(
      [
        "Stage prod",
        "",
        "Needs a person:",
        "  alarm     reflex-prod-check-sites-silent",
        "  critical  stream/orders  at-max, for 28 min: 12 shards are needed, max is 8",
        "  warning   node-pool/workers  not-joined, for 28 min: i-1 did not join",
        "",
        "Resources:",
        "  node-pool/workers  no change in 90 days",
        "  stream/orders  last change 2026-11-28 02:00:00 UTC  kinesis:UpdateShardCount 4 -> 8 (refused: LimitExceededException)",
      ].join("\n"),
    );
  });

  it("says that nothing needs a person, and what is in doubt since when", () => {
    const head = { pk: { S: "stream/orders" }, sk: { S: "head" }, pending: { S: JSON.stringify(intent()) } };
    const text = statusText({
      stage: "dev",
      at: AT + 5 * MINUTE,
      alarms: [],
      pauses: [],
      sites: [],
      landed: [],
      resources: ledgerView([head]).resources,
    });
    expect(text).toContain("Needs a person: nothing");
    expect(text).toContain("in doubt: kinesis:UpdateShardCount, begun 5 min ago without an outcome");
  });
});

it("a change is explained by its reasons, evidence, trigger and trace", () => {
  expect(entryBlock(entry())).toBe(
    [
      "2026-11-28 02:00:00 UTC  kinesis:UpdateShardCount 4 -> 8",
      "    because writes use 91 % of 4 shards",
      "    evidence peak=0.91",
      "    trigger alarm reflex-prod-stream-orders (ALARM)",
      "    trace 1-abc",
      "    id i1",
    ].join("\n"),
  );
});
