import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { generatedPages } from "../../scripts/docs/generated.ts";

const ROOT = join(import.meta.dirname, "..", "..");
const PAGES = await generatedPages(ROOT);

test.each(PAGES)("$file is what the descriptors make of it (npm run docs)", ({ file, text }) => {
  expect(readFileSync(join(ROOT, file), "utf8")).toBe(text);
});
