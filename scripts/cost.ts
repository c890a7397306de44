/** `npm run cost [-- file]`: what the whole service costs a month at rest for one config, and what more would add. */
import { join } from "node:path";
import { bill } from "./bill.ts";
import { checkedConfig } from "./checked-config.ts";
import { sumOf } from "./cost-line.ts";
import { BATCH, eventsCost, keptEventsCost, MODES } from "./ingest-cost.ts";
import { moreOfEach } from "./more-of-each.ts";

const file = process.argv[2] ?? "config/dev.yml";
const { sections, problems } = await checkedConfig(join(import.meta.dirname, ".."), file);
const { streams, sites, nodePools, ingest } = sections;
if (problems.length > 0 || !streams || !sites || !nodePools || !ingest) {
  for (const problem of problems) console.error(problem);
  process.exitCode = 1;
} else {
  const parts = bill({ streams, sites, nodePools, ingest });
  const row = (usd: number, what: string) => console.log(`${usd.toFixed(2).padStart(9)}  ${what}`);
  console.log(`${file}: USD a month at rest, us-east-1, without any free tier`);
  for (const { name, lines } of parts) {
    console.log(`\n${name}`);
    for (const { what, usd } of lines) row(usd, what);
    row(sumOf(lines), "together");
  }
  console.log("\nthe whole service");
  row(sumOf(parts.flatMap(({ lines }) => lines)), "together");
  console.log("\nand more a month for");
  for (const { what, usd } of moreOfEach()) row(usd, what);
  console.log(`\nand once for a million events of 1 KB, landed in batches of ${BATCH}`);
  for (const mode of MODES) row(sumOf(eventsCost(mode)), mode);
  row(keptEventsCost(), "a month of keeping them");
}
