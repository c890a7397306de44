/**
 * `npm run cost [-- file]`: what the whole service costs a month at rest for one config, and what more would add.
 *
 * --json  for machines: { "config", "usdAMonth", "parts": [{ "name", "lines": [{ "what", "usd" }] }], "more": [{ "what", "usd" }] }
 *
 * Ends with 0, with 1 where the config is wrong, with 2 when it was called wrongly.
 */
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { configName } from "../../shared/config/read-file.ts";
import { sumOf } from "../../shared/cost/cost-line.ts";
import { findAutomations } from "../automations.ts";
import { checkedConfig } from "../checked-config.ts";
import { functionFiles, stageInfo } from "../stack/function-files.ts";
import { bill } from "./bill.ts";
import { moreOfEach } from "./more-of-each.ts";

const root = join(import.meta.dirname, "..", "..");
const { values, positionals } = parseArgs({
  options: { json: { type: "boolean", default: false } },
  allowPositionals: true,
});
const [named] = positionals;
const file = named ?? configName("dev");
const checked = await checkedConfig(root, named === undefined ? file : resolve(file));
if ("problems" in checked) {
  for (const problem of checked.problems) console.error(problem);
  process.exitCode = 1;
} else {
  const automations = await findAutomations(root);
  const info = stageInfo("any", functionFiles(root));
  const parts = bill(checked.config, info);
  const more = [
    ...moreOfEach(automations, info).map(({ what, usd }) => ({ what: `${what}, a month`, usd })),
    ...automations.flatMap((one) => one.costOfUse(info)).map(({ what, usd }) => ({ what, usd })),
  ];
  if (values.json) {
    const usdAMonth = sumOf(parts.flatMap(({ lines }) => lines));
    console.log(JSON.stringify({ config: file, usdAMonth, parts, more }, undefined, 2));
  } else print(parts, more);
}

type Line = { readonly what: string; readonly usd: number };

function print(
  parts: readonly { readonly name: string; readonly lines: readonly Line[] }[],
  more: readonly Line[],
): void {
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
  for (const { what, usd } of more) row(usd, what);
}
