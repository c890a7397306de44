import { PutItemCommand } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, expect, test } from "vitest";
import {
  createPoolStatusStore,
  isKeptAlike,
} from "../../../../functions/scale-node-pools/observe/pool-status-store.ts";
import { createLedger } from "../../../../shared/ledger/ledger.ts";
import { type LedgerTable, startLedgerTable } from "../../../shared/ledger/table.ts";
import { GIB } from "../given.ts";

const { signal } = new AbortController();
let db: LedgerTable;

beforeAll(async () => {
  db = await startLedgerTable();
});
afterAll(() => db.stop());

const memories = () => createPoolStatusStore(db.client, db.table);

test("what was written is read again", async () => {
  const memory = {
    lowSince: 5,
    groups: {
      "workers-a": { failures: 2, lastFailureAt: 7, code: "launch-failed" as const, text: "no capacity" },
    },
    unjoined: { "i-1": 8 },
    owners: { "default/CronJob/job": { stuckSince: 1, failures: 2, until: 3 } },
    shape: {
      allocatable: {
        milliCpu: 1930,
        memory: 7 * GIB,
        pods: 29,
        ephemeralStorage: 90 * GIB,
        extended: { "nvidia.com/gpu": 1 },
      },
      volumeLimits: { "ebs.csi.aws.com": 25 },
      labels: { disk: "ssd" },
      taints: [{ key: "gpu", value: "yes", effect: "NoSchedule" as const }],
      units: 4,
    },
  };
  await memories().write("node-pool/a", memory, signal);
  expect(await memories().read("node-pool/a", signal)).toEqual(memory);
});

test("a pool that nothing was written for has no memory", async () => {
  expect(await memories().read("node-pool/none", signal)).toEqual({});
});

test.each([
  ["is kept alike where it only has more that is undefined", { lowSince: undefined }, true],
  ["is not kept alike where a value differs", { lowSince: 2 }, false],
])("a status %s", (_, also, alike) => {
  const code = "launch-failed" as const;
  const group = { failures: 1, lastFailureAt: 7, code, text: "no capacity" };
  const status = { groups: { a: { ...group, missingType: undefined } }, ...also };
  expect(isKeptAlike(status, { groups: { a: group } })).toBe(alike);
});

test.each(["not json", '{"lowSince":"yesterday"}'])("what can not be read is forgotten: %s", async (body) => {
  const Item = { pk: { S: "node-pool/odd" }, sk: { S: "memory" }, body: { S: body } };
  await db.client.send(new PutItemCommand({ TableName: db.table, Item }));
  expect(await memories().read("node-pool/odd", signal)).toEqual({});
});

test("the ledger of the pool is not disturbed by it", async () => {
  await memories().write("node-pool/b", { lowSince: 1 }, signal);
  const ledger = createLedger(db.client, { table: db.table, leaseMs: 1, keepMs: 1 });
  expect(await ledger.history("node-pool/b", 0)).toMatchObject({
    resource: "node-pool/b",
    version: 0,
    entries: [],
  });
});
