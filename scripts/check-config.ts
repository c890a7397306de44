/** `npm run check-config [-- file …]`: checks the named configs, or every one in config/. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { checkedConfig } from "./checked-config.ts";

const root = join(import.meta.dirname, "..");
const named = process.argv.slice(2);
const files =
  named.length > 0
    ? named
    : readdirSync(join(root, "config"))
        .filter((file) => file.endsWith(".yml"))
        .map((file) => `config/${file}`);

let wrong = 0;
for (const file of files) {
  const checked = await checkedConfig(root, file);
  if ("config" in checked) {
    console.log(`${file}: ok`);
  } else {
    for (const problem of checked.problems) console.error(problem);
    wrong += checked.problems.length;
  }
}
process.exitCode = wrong === 0 ? 0 : 1;
