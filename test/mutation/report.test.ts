import { describe, expect, it } from "vitest";
import { textOf } from "../architecture/source.ts";
import { type Equivalent, meantBy, readEquivalents } from "./equivalents.ts";
import { instrument, type Mutant } from "./instrument.ts";
import { judge } from "./report.ts";

const SOURCE = "const a = b < c;\nconst d = e + f;\n";
const { mutants } = instrument("a.ts", SOURCE, 0);
const lineOf = ({ line }: Mutant) => SOURCE.split("\n")[line - 1] ?? "";
const ENTRY: Equivalent = {
  file: "a.ts",
  line: "const a = b < c;",
  original: "b < c",
  replacement: "b <= c",
  reason: "b and c are never equal: one is odd, the other even.",
};

describe("the score", () => {
  it("is the part of the mutants that are killed", () => {
    const report = judge({ mutants, killed: new Set([0, 1, 2, 3]), reached: new Set([4]) }, [], lineOf);
    expect(report.total).toEqual({ mutants: 5, killed: 4, equivalent: 0, score: 80 });
    expect(report.survivors).toMatchObject([{ line: 2, replacement: "e - f", isReached: true }]);
  });

  it("leaves out what is listed as equivalent", () => {
    const report = judge({ mutants, killed: new Set([1, 2, 3, 4]), reached: new Set() }, [ENTRY], lineOf);
    expect(report.total).toEqual({ mutants: 5, killed: 4, equivalent: 1, score: 100 });
    expect(report).toMatchObject({ survivors: [], outOfDate: [] });
  });

  it.each([
    ["is gone", { ...ENTRY, line: "const a = b < c + 1;" }, "there is no such mutant any more"],
    ["is killed by a test", ENTRY, "a test kills it"],
  ])("a listed mutant that %s makes the list out of date", (_, entry, message) => {
    const { outOfDate } = judge({ mutants, killed: new Set([0]), reached: new Set() }, [entry], lineOf);
    expect(outOfDate).toEqual([expect.stringContaining(message)]);
  });
});

describe("the list of equivalent mutants", () => {
  const entries = readEquivalents();

  const files = [...new Set(entries.map(({ file }) => file))];

  it("names only mutants that there are", () => {
    const gone = files.flatMap((file) => {
      const source = textOf(file);
      const real = instrument(file, source, 0).mutants;
      const lines = source.split("\n");
      return entries
        .filter((entry) => entry.file === file)
        .filter((entry) => meantBy(entry, real, ({ line }) => (lines[line - 1] ?? "").trim()).length === 0);
    });
    expect(gone).toEqual([]);
  });
});
