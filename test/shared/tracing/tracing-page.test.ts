import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { EXPECTED, EXPECTED_ELSEWHERE } from "../../e2e/traces/expected.ts";
import { ANNOTATIONS, PARTS } from "../../e2e/traces/names.ts";

const PAGE = readFileSync(join(import.meta.dirname, "..", "..", "..", "docs", "tracing.md"), "utf8");

/** The rows of the table under a heading: what stands in code in the first column, and the second column. */
function tableUnder(heading: string): Record<string, string> {
  const section = PAGE.slice(PAGE.indexOf(`\n## ${heading}\n`)).split("\n## ")[1] ?? "";
  return Object.fromEntries(
    [...section.matchAll(/^\| `(.*?)` \| (.*) \|$/gm)].map(([, key, text]) => [key, text]),
  );
}

describe("docs/tracing.md", () => {
  it("lists the parts of a run", () => {
    expect(tableUnder("What stands in a trace")).toEqual(PARTS);
  });

  it("lists the annotations", () => {
    expect(tableUnder("Annotations")).toEqual(ANNOTATIONS);
  });

  it("searches by annotations there are", () => {
    const searched = [...PAGE.matchAll(/annotation\[(\w+)\]/g)].map(([, key]) => key ?? "");
    expect(searched.length).toBeGreaterThan(0);
    expect(searched.filter((key) => !Object.hasOwn(ANNOTATIONS, key))).toEqual([]);
  });

  it.each(Object.entries({ ...EXPECTED, ...EXPECTED_ELSEWHERE }))(
    "shows the trace when %s",
    (scene, tree) => {
      expect(PAGE).toContain(`When ${scene}:\n\n\`\`\`\n${tree.trim()}\n\`\`\`\n`);
    },
  );
});
