import { parseAst } from "vitest/node";

type Program = ReturnType<typeof parseAst>;
type Statement = Program["body"][number];
export type Expression = Extract<Statement, { type: "ExpressionStatement" }>["expression"];
type SwitchCase = Extract<Statement, { type: "SwitchStatement" }>["cases"][number];

/** What a mutator looks at; its `start` and `end` are places in the source. */
export type Node = Program | Statement | Expression | SwitchCase;

/** A change of the source: the text that stands from `start` to `end` is replaced. */
export interface Mutation {
  /** StrykerJS' name of the kind of change, for example `EqualityOperator`. */
  readonly mutator: string;
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** The changes of one node, parent in view: what stands for a test of `if` is changed as such. */
export type Mutator = (node: Node, parent: Node | undefined, source: string) => readonly Mutation[];

export function parse(source: string): Program {
  return parseAst(source, { lang: "ts", astType: "ts" });
}

/** The nodes directly below, in the order of the source, without types, names and what is assigned to. */
export function childrenOf(node: Node): readonly Node[] {
  const left = new Set(notLookedAt(node));
  return Object.entries(node)
    .filter(([key]) => !left.has(key))
    .flatMap(([, value]: [string, unknown]) => (Array.isArray(value) ? value : [value]))
    .filter(isNode)
    .filter((child) => !isType(child))
    .sort((a, b) => a.start - b.start);
}

function notLookedAt(node: Node): readonly string[] {
  if ("computed" in node && !node.computed) return ["key", "property"];
  if (node.type === "AssignmentExpression") return ["left"];
  if (node.type === "UpdateExpression") return ["argument"];
  if (node.type === "ForOfStatement" || node.type === "ForInStatement") return ["left"];
  if (node.type === "ImportExpression" || node.type.startsWith("Export")) return ["source"];
  return [];
}

const WITH_CODE = ["TSAsExpression", "TSSatisfiesExpression", "TSNonNullExpression"];

function isType({ type }: Node): boolean {
  return (type.startsWith("TS") && !WITH_CODE.includes(type)) || type === "ImportDeclaration";
}

function isNode(value: unknown): value is Node {
  return typeof value === "object" && value !== null && "type" in value && "start" in value;
}

export function textOf(source: string, { start, end }: { start: number; end: number }): string {
  return source.slice(start, end);
}
