/** `npm run cost-tables`: writes the README's two tables of costs. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { checkedConfig } from "./checked-config.ts";
import { costTable } from "./cost-table.ts";
import { serviceCostTable } from "./service-cost-table.ts";

const CONFIG = "config/dev.yml";
const root = join(import.meta.dirname, "..");
const { sections, problems } = await checkedConfig(root, CONFIG);
const { streams, sites, nodePools, ingest } = sections;
if (!streams || !sites || !nodePools || !ingest) throw new Error(problems.join("\n"));

const file = join(root, "README.md");
const tables = {
  cost: costTable(),
  "service-cost": serviceCostTable(CONFIG, { streams, sites, nodePools, ingest }),
};
let readme = readFileSync(file, "utf8");
for (const [marker, table] of Object.entries(tables)) {
  const between = new RegExp(`(<!-- ${marker}:begin -->\n)[\\s\\S]*?(<!-- ${marker}:end -->)`);
  readme = readme.replace(between, (_, begin, end) => `${begin}${table}\n${end}`);
}
writeFileSync(file, readme);
