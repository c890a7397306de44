import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { costTable } from "../../scripts/cost-table.ts";

test("the README's cost table is what the script reckons", () => {
  const readme = readFileSync("README.md", "utf8");
  const table = /<!-- cost:begin -->\n([\s\S]*?)<!-- cost:end -->/.exec(readme)?.[1]?.trim();
  expect(table).toBe(costTable());
});
