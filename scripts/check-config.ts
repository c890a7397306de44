/**
 * `npm run check-config [-- file …]`: checks the named configs, or every one in config/ (in the folder or file that
 * REFLEX_CONFIG names), and prints everything that is wrong, each with its place.
 *
 * --json  one list, for machines: [{ "file", "problems": [text], "notes": [text] }]
 *
 * Ends with 0 where all are right, 1 where one is wrong, 2 when it was called wrongly.
 */
import { readdirSync, statSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { parseArgs, styleText } from "node:util";
import { checkedConfig, type ServiceConfig } from "./checked-config.ts";
import { whileShown } from "./cli/progress.ts";
import { functionFiles } from "./stack/function-files.ts";
import { refusals } from "./stack/refusals.ts";
import { regionOf } from "./stage/region.ts";

const root = join(import.meta.dirname, "..");
const { values, positionals } = parseArgs({
  options: { json: { type: "boolean", default: false } },
  allowPositionals: true,
});
const named = positionals.map((file) => resolve(file));
const files = named.length > 0 ? named : configsIn(resolve(root, process.env.REFLEX_CONFIG ?? "config"));

/** A file that others extend is checked with those: only what names a stage is a config. */
function configsIn(path: string): string[] {
  if (!statSync(path).isDirectory()) return [path];
  return readdirSync(path)
    .filter((file) => file.endsWith(".yml") && file !== "base.yml")
    .map((file) => join(path, file));
}

/** Paths as the caller sees them. */
const shown = (text: string): string => text.replaceAll(`${process.cwd()}/`, "");

const region = await regionOf({}).catch(() => "us-east-1");
const functions = functionFiles(root);

/** What AWS would refuse when the config is deployed as the stage that its file is named after. */
function refused(file: string, config: ServiceConfig) {
  const { problems, notes } = refusals(config, { stage: basename(file, ".yml"), region }, functions);
  return { problems: problems.map((problem) => `${file}: ${problem}`), notes };
}

async function check(file: string) {
  const checked = await checkedConfig(root, file);
  const { problems, notes } = "config" in checked ? refused(file, checked.config) : { ...checked, notes: [] };
  return { file: shown(file), problems: problems.map(shown), notes };
}

/** For people; in colours on a terminal that has not NO_COLOR. */
function print({ file, problems, notes }: Awaited<ReturnType<typeof check>>): void {
  for (const problem of problems) console.error(styleText("red", problem, { stream: process.stderr }));
  for (const note of notes) console.log(`${file}: note: ${note}`);
  if (problems.length === 0) console.log(`${file}: ${styleText("green", "ok", { stream: process.stdout })}`);
}

const results = [];
for (const file of files) {
  const result = await whileShown(`Checking ${shown(file)}`, () => check(file));
  results.push(result);
  if (!values.json) print(result);
}
if (values.json) console.log(JSON.stringify(results, undefined, 2));
process.exitCode = results.every(({ problems }) => problems.length === 0) ? 0 : 1;
