/**
 * `npm run new-automation -- <name>`: writes a small automation that works (schedule, observe, decide, act, tests, README,
 * a sample event), to be changed into another.
 */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { writeAutomation } from "./write-automation.ts";

const root = join(import.meta.dirname, "..", "..");
const [name = ""] = process.argv.slice(2);

if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)+$/.test(name) || name.length > 24) {
  console.error(
    `Found the name "${name}", expected a verb and what it acts on, as in "reshard-streams": small letters, digits and hyphens, at most 24 characters.`,
  );
  process.exitCode = 1;
} else if (existsSync(join(root, "functions", name))) {
  console.error(`functions/${name} exists already: nothing was written.`);
  process.exitCode = 1;
} else {
  const { files, section } = writeAutomation(root, name);
  for (const file of files) console.log(file);
  run(
    "node_modules/@biomejs/biome/bin/biome",
    "check",
    "--write",
    ...files.filter((file) => file.endsWith(".ts")),
  );
  // The README, the permissions page and the diagrams are made from the descriptors.
  run("scripts/docs/write-docs.ts");
  console.log(
    `\nName what it manages under \`${section}\` in config/dev.yml, then: npm run check-config && npx vitest run test/functions/${name}`,
  );
}

function run(program: string, ...args: readonly string[]): void {
  const { status } = spawnSync(process.execPath, [join(root, program), ...args], {
    cwd: root,
    stdio: "inherit",
  });
  if (status !== 0) process.exitCode = 1;
}
