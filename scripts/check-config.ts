/**
 * `npm run check-config [-- file …]`: checks the named configs, or every one in config/ (in the folder or file that
 * REFLEX_CONFIG names). Ends with 1 where one is wrong, and prints everything that is, each with its place.
 */
import { readdirSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { checkedConfig } from "./checked-config.ts";

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

let wrong = 0;
for (const file of files) {
  const checked = await checkedConfig(root, file);
  if ("config" in checked) {
    console.log(`${shown(file)}: ok`);
  } else {
    for (const problem of checked.problems) console.error(shown(problem));
    wrong += checked.problems.length;
  }
}
process.exitCode = wrong === 0 ? 0 : 1;
