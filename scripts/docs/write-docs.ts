/** `npm run docs`: writes what of README.md and docs/ is made from the automations' descriptors. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { generatedPages } from "./generated.ts";

const root = join(import.meta.dirname, "..", "..");
for (const { file, text } of await generatedPages(root)) writeFileSync(join(root, file), text);
