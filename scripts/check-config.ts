/**
 * `npm run check-config [-- file …]`: checks the named configs, or every one in config/ (in the folder or file that
 * REFLEX_CONFIG names). Ends with 1 where one is wrong, and prints everything that is, each with its place.
 */
import { readdirSync, statSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { checkedConfig, type ServiceConfig } from "./checked-config.ts";
import { functionFiles } from "./stack/function-files.ts";
import { refusals } from "./stack/refusals.ts";
import { regionOf } from "./stage/region.ts";

const root = join(import.meta.dirname, "..");
const named = process.argv.slice(2).map((file) => resolve(file));
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

let wrong = 0;
for (const file of files) {
  const checked = await checkedConfig(root, file);
  const { problems, notes } = "config" in checked ? refused(file, checked.config) : { ...checked, notes: [] };
  for (const problem of problems) console.error(shown(problem));
  for (const note of notes) console.log(`${shown(file)}: note: ${note}`);
  if (problems.length === 0) console.log(`${shown(file)}: ok`);
  wrong += problems.length;
}
process.exitCode = wrong === 0 ? 0 : 1;
