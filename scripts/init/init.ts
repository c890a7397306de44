/**
 * `npm run init -- <folder>`: writes a folder to begin with: a config for each of two stages, a workflow that checks and
 * deploys it, and a .gitignore. Files that are there already stay as they are. Ends with 2 when no folder is named.
 */
import { parseArgs } from "node:util";
import { initialFiles } from "./files.ts";
import { writeMissing } from "./write.ts";

const { positionals } = parseArgs({ allowPositionals: true, options: {} });
const [folder, ...others] = positionals;
if (folder === undefined || others.length > 0) {
  console.error("Name one folder, for example: reflex init my-reflex");
  process.exitCode = 2;
} else {
  for (const { file, written } of writeMissing(folder, initialFiles())) {
    console.log(`${written ? "written" : "kept   "}  ${folder}/${file}`);
  }
  console.log(`
Next:
  cd ${folder}
  npx reflex check                  the config, with the place of everything that is wrong
  npx reflex dev                    an AWS on this machine that runs it
  npx reflex deploy --stage dev     your account; it begins by only saying what it would do`);
}
