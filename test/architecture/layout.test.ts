import { describe, expect, it } from "vitest";
import { circlesOf, type ImportGraph } from "./circles.ts";
import { importsOf, repositoryFiles, sourceFiles, targetOf } from "./source.ts";

const AUTOMATIONS = [
  ...new Set(repositoryFiles().flatMap((file) => /^functions\/([^/]+)\//.exec(file)?.[1] ?? [])),
];

/** The rooms every automation may have, in the order in which a run goes through them. */
const ROOMS = ["triggers", "run", "config", "model", "observe", "decide", "act", "notify", "deploy"];

/** Rooms that only one automation has: its field's own words for what stands between observe and notify. */
const OWN_ROOMS: Readonly<Record<string, readonly string[]>> = {
  "check-sites": ["probe", "evaluate", "confirm", "state", "status-page", "secrets"],
  "ingest-events": ["decode", "plan", "write", "quarantine"],
  "drain-nodes": ["termination-policy"],
};

function mayStandAtTheTop(automation: string, name: string): boolean {
  const files = ["handler.ts", `${automation}.ts`, "automation.ts", "README.md", "function.yml"];
  const rooms = [...ROOMS, ...(OWN_ROOMS[automation] ?? [])];
  return files.includes(name) || rooms.includes(name.replace(/\.ts$/, ""));
}

describe("the folder of an automation", () => {
  it.each([
    ["reshard-streams", "handler.ts", true],
    ["reshard-streams", "reshard-streams.ts", true],
    ["reshard-streams", "decide", true],
    ["reshard-streams", "notify.ts", true],
    ["reshard-streams", "probe", false],
    ["check-sites", "probe", true],
    ["reshard-streams", "utils", false],
    ["reshard-streams", "quota.ts", false],
  ])("%s: %s may stand at its top: %s", (automation, name, may) => {
    expect(mayStandAtTheTop(automation, name)).toBe(may);
  });

  it.each(AUTOMATIONS)("functions/%s holds nothing but the known files and rooms", (automation) => {
    const top = `functions/${automation}/`;
    const names = repositoryFiles().flatMap((file) =>
      file.startsWith(top) ? (file.slice(top.length).split("/")[0] ?? []) : [],
    );
    expect([...new Set(names)].filter((name) => !mayStandAtTheTop(automation, name))).toEqual([]);
    expect(names).toContain("handler.ts");
    expect(names).toContain("README.md");
  });
});

/** Files with code that stand side by side in each folder; what stands in folders below is not counted. */
function sizesOfFolders(): Map<string, number> {
  const sizes = new Map<string, number>();
  for (const file of sourceFiles()) {
    const folder = file.slice(0, Math.max(0, file.lastIndexOf("/")));
    sizes.set(folder, (sizes.get(folder) ?? 0) + 1);
  }
  return sizes;
}

describe("a folder", () => {
  const MOST = 13;

  it(`holds about a dozen files with code, at most ${MOST}`, () => {
    const tooLarge = [...sizesOfFolders()].filter(([, size]) => size > MOST);
    expect(tooLarge).toEqual([]);
  });
});

function importGraph(): ImportGraph {
  const files = sourceFiles().filter((file) => /^(functions|shared|sandbox|scripts|bench)\//.test(file));
  return new Map(
    files.map((file) => [file, importsOf(file).flatMap(({ specifier }) => targetOf(file, specifier) ?? [])]),
  );
}

describe("a circle of imports", () => {
  it("is found, whatever its length, and a chain is none", () => {
    const graph = new Map([
      ["a", ["b"]],
      ["b", ["c"]],
      ["c", ["a", "d"]],
      ["d", ["e"]],
      ["e", ["d"]],
      ["f", ["f", "a"]],
      ["g", ["f", "d"]],
    ]);
    expect(circlesOf(graph)).toEqual([["a", "b", "c"], ["d", "e"], ["f"]]);
  });

  it("is nowhere, types included", () => {
    expect(circlesOf(importGraph())).toEqual([]);
  });
});
