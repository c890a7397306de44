import { BatchWriteItemCommand } from "@aws-sdk/client-dynamodb";
import { expect, onTestFinished, test } from "vitest";
import { answer } from "../../../sandbox/sites/behaviours.ts";
import { createChecker } from "./checker.ts";
import { site } from "./probe/local.ts";
import before from "./state/state-0.1.0.json" with { type: "json" };
import { startSitesTable } from "./table.ts";

/** An earlier version notified of `shop`, and died before it sent that `search` is DOWN. */
async function upgraded() {
  const table = await startSitesTable();
  const puts = before.items.map((item) => ({
    PutRequest: { Item: Object.fromEntries(Object.entries(item)) },
  }));
  await table.client.send(new BatchWriteItemCommand({ RequestItems: { [table.table]: puts } }));
  const up = await site(answer());
  const closed = await site(answer());
  await closed.close();
  onTestFinished(async () => {
    await up.close();
    await table.stop();
  });
  const dead = { url: closed.url };
  const checker = createChecker({
    config: { list: { shop: dead, search: dead, blog: { url: up.url } } },
    table,
  });
  checker.now = before.now;
  return { checker, table, up };
}

test("sites' state of an earlier version: what it did not send is sent once, what it sent is not sent again", async () => {
  const { checker } = await upgraded();
  for (let minute = 0; minute < 3; minute++) expect(await checker.nextMinute()).not.toBeInstanceOf(Error);
  expect(checker.notified.map(({ headline }) => headline)).toEqual([
    expect.stringContaining("search is DOWN"),
  ]);
});

test("an incident that began under an earlier version ends with its whole duration", async () => {
  const { table, up } = await upgraded();
  const list = { shop: { url: up.url }, search: { url: up.url }, blog: { url: up.url } };
  const checker = createChecker({ config: { list }, table });
  checker.now = before.now;
  for (let minute = 0; minute < 3; minute++) await checker.nextMinute();
  const headlines = checker.notified.map(({ headline }) => headline);
  expect(headlines.at(-1)).toMatch(/UP again/);
  expect(headlines.filter((headline) => /UP again/.test(headline))).toHaveLength(1);
  expect(JSON.stringify(checker.notified.at(-1))).toContain("2026-03-01T10:0");
});
