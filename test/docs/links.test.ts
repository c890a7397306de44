import { existsSync, globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { anchorOf } from "./anchor.ts";

const ROOT = join(import.meta.dirname, "..", "..");

function anchorsIn(file: string): readonly string[] {
  return [...readFileSync(file, "utf8").matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) => anchorOf(heading));
}

/** Links to this repository that lead nowhere. */
function deadLinks(file: string): string[] {
  const text = readFileSync(join(ROOT, file), "utf8").replace(/```[\s\S]*?```/g, "");
  const links = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = ""]) => link);
  return links
    .filter((link) => !/^[a-z]+:/.test(link))
    .filter((link) => {
      const [path = "", anchor] = link.split("#");
      const target = path === "" ? join(ROOT, file) : join(ROOT, dirname(file), path);
      return !existsSync(target) || (anchor !== undefined && !anchorsIn(target).includes(anchor));
    });
}

describe("links of a page lead somewhere", () => {
  test.each(globSync("docs/**/*.md", { cwd: ROOT }))("%s", (file) => {
    expect(deadLinks(file)).toEqual([]);
  });
});
