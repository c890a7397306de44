import { stripTypeScriptTypes } from "node:module";
import { Script } from "node:vm";
import { describe, expect, it } from "vitest";
import { instrument, SWITCH } from "./instrument.ts";

/** What each mutant of the source makes of it, as `original -> replacement`. */
function changesOf(source: string): string[] {
  const { mutants } = instrument("a.ts", source, 0);
  return mutants.map(({ mutator, original, replacement }) => `${mutator}: ${original} -> ${replacement}`);
}

describe("the mutants of an expression", () => {
  it.each([
    ["a + b", ["ArithmeticOperator: a + b -> a - b"]],
    ["a % b", ["ArithmeticOperator: a % b -> a * b"]],
    ["a + `x${b}`", ["StringLiteral: `x${b}` -> ``"]],
    [
      "a < b",
      [
        "EqualityOperator: a < b -> a <= b",
        "EqualityOperator: a < b -> a >= b",
        "ConditionalExpression: a < b -> true",
        "ConditionalExpression: a < b -> false",
      ],
    ],
    ["a ?? b", ["LogicalOperator: a ?? b -> (a) && (b)"]],
    [
      "a || b && c",
      [
        "LogicalOperator: a || b && c -> (a) && (b && c)",
        "ConditionalExpression: a || b && c -> true",
        "ConditionalExpression: a || b && c -> false",
        "LogicalOperator: b && c -> (b) || (c)",
        "ConditionalExpression: b && c -> false",
      ],
    ],
    ["!a", ["BooleanLiteral: !a -> a"]],
    ["-a", ["UnaryOperator: -a -> +a"]],
    ["a++", ["UpdateOperator: a++ -> a--"]],
    ["a += b", ["AssignmentOperator: a += b -> a -= b"]],
    ["a ? b : c", ["ConditionalExpression: a -> true", "ConditionalExpression: a -> false"]],
    ["f(true)", ["BooleanLiteral: true -> false"]],
    ['f("")', ['StringLiteral: "" -> "Put in by a mutant"']],
    ["f([a])", ["ArrayDeclaration: [a] -> []"]],
    ["f({ a })", ["ObjectLiteral: { a } -> {}"]],
    ["(() => a)", ["ArrowFunction: a -> undefined"]],
    [
      "a?.b[c]?.()",
      ["OptionalChaining: a?.b[c]?.() -> a?.b[c]()", "OptionalChaining: a?.b[c]?.() -> a.b[c]?.()"],
    ],
    ["a.filter(b).c", ["MethodExpression: a.filter(b) -> a"]],
    ["Math.min(a, b)", ["MethodExpression: Math.min(a, b) -> Math.max(a, b)"]],
    ["a.toString()", []],
    ["a as unknown as 'text'", []],
  ])("%s", (source, expected) => {
    expect(changesOf(`${source};`)).toEqual(expected);
  });

  it("anchors and quantifiers of a regular expression are left out, classes turned into their opposite", () => {
    expect(changesOf("/^a[b]+\\d$/;").map((change) => change.split(" -> ")[1])).toEqual([
      "/a[b]+\\d$/",
      "/^a[^b]+\\d$/",
      "/^a[b]\\d$/",
      "/^a[b]+\\D$/",
      "/^a[b]+\\d/",
    ]);
  });
});

describe("the mutants of a statement", () => {
  it.each([
    ["if (a) { b(); }", ["a -> true", "a -> false", "{ b(); } -> {}"]],
    ["while (a) b();", ["a -> false"]],
    ["switch (a) { case 1: b(); break; }", ["case 1: b(); break; -> case 1: "]],
    ['import a from "b"; export { c } from "d"; export * from "e";', []],
    ['type A = "b" | "c"; const d: A = "b";', ['"b" -> ""']],
    ['const a = { "b": c };', ['{ "b": c } -> {}']],
  ])("%s", (source, expected) => {
    expect(changesOf(source).map((change) => change.slice(change.indexOf(": ") + 2))).toEqual(expected);
  });

  it("says where they begin, and numbers them from the first", () => {
    const { mutants } = instrument("a.ts", "const é = 1;\n  b(c - d);", 7);
    expect(mutants).toEqual([
      {
        id: 7,
        file: "a.ts",
        mutator: "ArithmeticOperator",
        line: 2,
        column: 7,
        original: "c - d",
        replacement: "c + d",
      },
    ]);
  });
});

/** One of each kind of place in which a switch may stand, with types. */
const EVERYTHING = `
  interface A { readonly b?: { c(n: number): number[] }; readonly tag: string }
  const found: string[] = [];
  const note = (text: string): void => { found.push(text); };
  const a: A = { b: { c: (n) => [n, n + 1] }, tag: "é" };
  const none = undefined as A | undefined;
  note(String(a.b?.c(2).filter((n) => n > 2).length ?? "none"));
  note(String(none?.b?.c(1)[0] ?? ("x" satisfies string)));
  for (let i = 0; i < 3; i++) { if (i === 1 || !a) continue; note(\`i\${i}\`); }
  switch (found.length) { case 4: { note("four"); break; } case 5: note("five"); default: note("other"); }
  class Sum { total = 0; add(n: number): this { this.total += n; return this; } }
  function rest({ x = 1 }: { x?: number } = {}, ...[y = -2]: number[]): number { return x * y; }
  const answer = JSON.stringify([found, new Sum().add(2).add(3).total, rest(), rest({ x: 2 }, 4), /^é$/.test(a.tag)]);
`;

describe("the code with switches", () => {
  const { code, mutants } = instrument("a.ts", EVERYTHING, 0);
  const script = new Script(`${stripTypeScriptTypes(code)}; answer`);
  const answerWith = (mutantOn?: number): unknown =>
    script.runInNewContext({ [SWITCH]: (mutant: number) => mutant === mutantOn });
  const answer = JSON.stringify([["1", "x", "i0", "i2", "four"], 5, -2, 8, true]);

  it("does what it did while none is on", () => {
    expect(answerWith()).toBe(answer);
  });

  it("does something else with each that is on, but for what makes no difference here", () => {
    const same = mutants.filter(({ id, replacement }) => {
      // A loop that counts down has no end here.
      if (replacement === "i--") return false;
      try {
        return answerWith(id) === answer;
      } catch {
        return false;
      }
    });
    expect(same.map(({ original, replacement }) => `${original} -> ${replacement}`)).toEqual([
      "a.b?.c(2).filter((n) => n > 2).length -> a.b.c(2).filter((n) => n > 2).length",
      "n > 2 -> n <= 2",
      '"none" -> ""',
      "none?.b?.c(1)[0] -> none?.b.c(1)[0]",
      'case 5: note("five"); -> case 5: ',
      '"five" -> ""',
      'default: note("other"); -> default: ',
      '"other" -> ""',
      "/^é$/ -> /é$/",
      "/^é$/ -> /^é/",
    ]);
  });
});
