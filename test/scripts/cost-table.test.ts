import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { costTable } from "../../scripts/cost-table.ts";
import { serviceCostTable } from "../../scripts/service-cost-table.ts";
import { sectionsOf } from "./watched.ts";

/** What stands between two markers of the README. */
function tableOf(marker: string): string | undefined {
  const readme = readFileSync("README.md", "utf8");
  return new RegExp(`<!-- ${marker}:begin -->\n([\\s\\S]*?)<!-- ${marker}:end -->`).exec(readme)?.[1]?.trim();
}

test("the README's table of streams is what the script reckons", () => {
  expect(tableOf("cost")).toBe(costTable());
});

test("the README's table of the whole service is what the script reckons for config/dev.yml", async () => {
  const table = serviceCostTable("config/dev.yml", await sectionsOf("config/dev.yml"));
  expect(tableOf("service-cost")).toBe(table);
});
