import type { Mutation, Mutator, Node } from "./syntax.ts";

const COMPARED = ["==", "!=", "===", "!==", "<", "<=", ">", ">=", "in", "instanceof"];

/** What stands for a condition is always so, and never. */
export const condition: Mutator = (node, parent) => {
  const becomes = (values: readonly boolean[]): Mutation[] =>
    values.map((value) => ({
      mutator: "ConditionalExpression",
      start: node.start,
      end: node.end,
      text: String(value),
    }));
  if (node.type === "Literal") return [];
  // A loop that never ends is noticed by its time limit only.
  if (isTestOf(node, parent, ["ForStatement", "WhileStatement", "DoWhileStatement"])) return becomes([false]);
  if (isTestOf(node, parent, ["IfStatement", "ConditionalExpression"])) return becomes([true, false]);
  if (!isCondition(node)) return [];
  // (true || b) is (true), which is tried anyway.
  if (parent?.type === "LogicalExpression") return becomes(parent.operator === "||" ? [false] : [true]);
  return becomes([true, false]);
};

/** A block does nothing. */
export const block: Mutator = (node, parent, source) => {
  const inside = { start: node.start + 1, end: node.end - 1 };
  if (node.type !== "BlockStatement" || node.body.length === 0) return [];
  // Without super() no object is made at all.
  if (parent?.type === "FunctionExpression" && source.slice(inside.start, inside.end).includes("super("))
    return [];
  return [{ mutator: "BlockStatement", ...inside, text: "" }];
};

/** A case does nothing and goes on with the next. */
export const switchCase: Mutator = (node) => {
  if (node.type !== "SwitchCase") return [];
  const [first, last] = [node.consequent[0], node.consequent.at(-1)];
  if (first === undefined || last === undefined) return [];
  return [{ mutator: "ConditionalExpression", start: first.start, end: last.end, text: "" }];
};

export const arrowFunction: Mutator = (node, parent) => {
  if (parent?.type !== "ArrowFunctionExpression" || parent.body !== node) return [];
  if (node.type === "BlockStatement" || (node.type === "Identifier" && node.name === "undefined")) return [];
  return [{ mutator: "ArrowFunction", start: node.start, end: node.end, text: "undefined" }];
};

function isTestOf(node: Node, parent: Node | undefined, types: readonly string[]): boolean {
  return parent !== undefined && types.includes(parent.type) && "test" in parent && parent.test === node;
}

function isCondition(node: Node): boolean {
  if (node.type === "LogicalExpression") return node.operator !== "??";
  return node.type === "BinaryExpression" && COMPARED.includes(node.operator);
}
