import { describe, expect, it } from "vitest";
import { functionLengths } from "./lengths.ts";
import { sourceFiles, textOf } from "./source.ts";

const LONGEST_FILE = 300;
const LONGEST_FUNCTION = 40;

/** What people read before they give it permissions, and what shows them that it works. */
const READ = sourceFiles().filter((file) =>
  /^(functions|shared|scripts|sandbox|bench|delivery)\/.*\.ts$/.test(file),
);

describe("how long a function is", () => {
  it("counts from its first to its last line", () => {
    expect(functionLengths("\nfunction a() {\n  // a comment\n\n  return 1;\n}\n")).toEqual([
      { line: 2, lines: 5 },
    ]);
  });

  it("counts one line of each function within it, which counts by itself", () => {
    const factory = "const make = () => ({\n  a() {\n    return 1;\n  },\n  b: () => 2,\n});\n";
    expect(functionLengths(factory)).toEqual([
      { line: 2, lines: 3 },
      { line: 5, lines: 1 },
      { line: 1, lines: 4 },
    ]);
  });

  it("counts what is nested twice once", () => {
    const nested = "function a() {\n  return () => {\n    return () => {\n      return 1;\n    };\n  };\n}\n";
    expect(functionLengths(nested).map(({ lines }) => lines)).toEqual([3, 3, 3]);
  });
});

describe("functions, shared, scripts, sandbox and bench", () => {
  it(`have no file over ${LONGEST_FILE} lines`, () => {
    const tooLong = READ.filter((file) => textOf(file).trimEnd().split("\n").length > LONGEST_FILE);
    expect(tooLong).toEqual([]);
  });

  it(`have no function over ${LONGEST_FUNCTION} lines of its own`, () => {
    // What is shorter as a whole has no such function, and need not be parsed.
    const long = READ.map((file) => ({ file, text: textOf(file) })).filter(
      ({ text }) => text.split("\n").length > LONGEST_FUNCTION,
    );
    const tooLong = long.flatMap(({ file, text }) =>
      functionLengths(text)
        .filter(({ lines }) => lines > LONGEST_FUNCTION)
        .map(({ line, lines }) => `${file}:${line} has ${lines} lines`),
    );
    expect(tooLong).toEqual([]);
  });
});
