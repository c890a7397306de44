/** `npm run cost [-- file]`: what the whole service costs a month at rest for one config, and what more would add. */
import { join, resolve } from "node:path";
import { configName } from "../../shared/config/read-file.ts";
import { sumOf } from "../../shared/cost/cost-line.ts";
import { findAutomations } from "../automations.ts";
import { checkedConfig } from "../checked-config.ts";
import { functionFiles, stageInfo } from "../stack/function-files.ts";
import { bill } from "./bill.ts";
import { moreOfEach } from "./more-of-each.ts";

const root = join(import.meta.dirname, "..", "..");
const file = process.argv[2] ?? configName("dev");
const checked = await checkedConfig(root, process.argv[2] === undefined ? file : resolve(file));
if ("problems" in checked) {
  for (const problem of checked.problems) console.error(problem);
  process.exitCode = 1;
} else {
  const automations = await findAutomations(root);
  const info = stageInfo("any", functionFiles(root));
  const parts = bill(checked.config, info);
  const row = (usd: number, what: string) => console.log(`${usd.toFixed(2).padStart(9)}  ${what}`);
  console.log(`${file}: USD a month at rest, us-east-1, without any free tier`);
  for (const { name, lines } of parts) {
    console.log(`\n${name}`);
    for (const { what, usd } of lines) row(usd, what);
    row(sumOf(lines), "together");
  }
  console.log("\nthe whole service");
  row(sumOf(parts.flatMap(({ lines }) => lines)), "together");
  console.log("\nand more for");
  for (const { what, usd } of moreOfEach(automations, info)) row(usd, `${what}, a month`);
  for (const { what, usd } of automations.flatMap((one) => one.costOfUse(info))) row(usd, what);
}
