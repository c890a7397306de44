import { expect, it } from "vitest";
import { importsIn, packageOf, targetOf } from "./source.ts";

it.each([
  ['import { act } from "./act.ts";', [{ specifier: "./act.ts", typeOnly: false }]],
  ['import type { Act } from "./act.ts";', [{ specifier: "./act.ts", typeOnly: true }]],
  // What is left of it at run time is an import of the file.
  ['import { type Act } from "./act.ts";', [{ specifier: "./act.ts", typeOnly: false }]],
  ['import {\n  a,\n  b,\n} from "node:fs";', [{ specifier: "node:fs", typeOnly: false }]],
  ['import "./register.ts";', [{ specifier: "./register.ts", typeOnly: false }]],
  ['export { act } from "./act.ts";', [{ specifier: "./act.ts", typeOnly: false }]],
  ['export type { Act } from "./act.ts";', [{ specifier: "./act.ts", typeOnly: true }]],
  ['  const { load } = await import("js-yaml");', [{ specifier: "js-yaml", typeOnly: false }]],
  ['type A = typeof import("./act.ts");', [{ specifier: "./act.ts", typeOnly: true }]],
  ['const a = require("./a.cjs");', [{ specifier: "./a.cjs", typeOnly: false }]],
  [
    'createRequire(import.meta.url).resolve("kinesis-local")',
    [{ specifier: "kinesis-local", typeOnly: false }],
  ],
  ['new Worker(new URL("./worker.ts", import.meta.url))', [{ specifier: "./worker.ts", typeOnly: false }]],
  ['export const text = "a";\nexport const from = "b";', []],
  ['const broken = `require("no-such-module")`;', []],
])("the imports in %j are found", (text, imports) => {
  expect(importsIn(text)).toEqual(imports);
});

it("an import leads to a file of the repository, or to a package", () => {
  expect(targetOf("functions/a/act.ts", "../../shared/x.ts")).toBe("shared/x.ts");
  expect(targetOf("functions/a/act.ts", "zod/mini")).toBeUndefined();
  expect(["zod/mini", "@smithy/core/cbor", "./a.ts", "node:fs"].map(packageOf)).toEqual([
    "zod",
    "@smithy/core",
    undefined,
    undefined,
  ]);
});
