import { type Mutation, type Mutator, type Node, textOf } from "./syntax.ts";

const ARITHMETIC: Readonly<Record<string, string>> = { "+": "-", "-": "+", "*": "/", "/": "*", "%": "*" };

const EQUALITY: Readonly<Record<string, readonly string[]>> = {
  "<": ["<=", ">="],
  "<=": ["<", ">"],
  ">": [">=", "<="],
  ">=": [">", "<"],
  "==": ["!="],
  "!=": ["=="],
  "===": ["!=="],
  "!==": ["==="],
};

const LOGICAL: Readonly<Record<string, string>> = { "&&": "||", "||": "&&", "??": "&&" };

const ASSIGNMENT: Readonly<Record<string, string>> = {
  "+=": "-=",
  "-=": "+=",
  "*=": "/=",
  "/=": "*=",
  "%=": "*=",
  "&&=": "||=",
  "||=": "&&=",
  "??=": "&&=",
};

export const arithmetic: Mutator = (node, _parent, source) => {
  if (node.type !== "BinaryExpression") return [];
  const other = ARITHMETIC[node.operator];
  // Texts can be joined, not subtracted.
  if (other === undefined || (node.operator === "+" && [node.left, node.right].some(isText))) return [];
  return [operatorBetween("ArithmeticOperator", node, other, source)];
};

export const equality: Mutator = (node, _parent, source) => {
  if (node.type !== "BinaryExpression") return [];
  const others = EQUALITY[node.operator] ?? [];
  return others.map((other) => operatorBetween("EqualityOperator", node, other, source));
};

export const logical: Mutator = (node, _parent, source) => {
  if (node.type !== "LogicalExpression") return [];
  const { start, end, left, right } = node;
  // In parentheses: what binds tighter changes with the operator.
  const text = `(${textOf(source, left)}) ${LOGICAL[node.operator]} (${textOf(source, right)})`;
  return [{ mutator: "LogicalOperator", start, end, text }];
};

export const assignment: Mutator = (node, _parent, source) => {
  if (node.type !== "AssignmentExpression") return [];
  const other = ASSIGNMENT[node.operator];
  if (other === undefined || (node.operator === "+=" && isText(node.right))) return [];
  return [operatorBetween("AssignmentOperator", node, other, source)];
};

export const unary: Mutator = (node, _parent, source) => {
  if (node.type !== "UnaryExpression") return [];
  const { start, end, operator, argument } = node;
  const rest = source.slice(start + operator.length, end);
  if (operator === "!") return [{ mutator: "BooleanLiteral", start, end, text: rest }];
  if (operator === "-") return [{ mutator: "UnaryOperator", start, end, text: `+${rest}` }];
  if (operator === "+") return [{ mutator: "UnaryOperator", start, end, text: `-${rest}` }];
  if (operator === "~") return [{ mutator: "UnaryOperator", start, end, text: textOf(source, argument) }];
  return [];
};

export const update: Mutator = (node, _parent, source) => {
  if (node.type !== "UpdateExpression") return [];
  const { start, end, operator, prefix, argument } = node;
  const other = operator === "++" ? "--" : "++";
  const target = textOf(source, argument);
  return [
    { mutator: "UpdateOperator", start, end, text: prefix ? `${other}${target}` : `${target}${other}` },
  ];
};

function operatorBetween(
  mutator: string,
  node: Node & { readonly operator: string; readonly left: object; readonly right: object },
  other: string,
  source: string,
): Mutation {
  const [from, to] = [placeOf(node.left).end, placeOf(node.right).start];
  const start = from + source.slice(from, to).indexOf(node.operator);
  return { mutator, start, end: start + node.operator.length, text: other };
}

function placeOf(node: object): { start: number; end: number } {
  if ("start" in node && "end" in node) return { start: Number(node.start), end: Number(node.end) };
  throw new Error("The parser left out where a node stands");
}

function isText(node: { readonly type: string; readonly value?: unknown }): boolean {
  return node.type === "TemplateLiteral" || (node.type === "Literal" && typeof node.value === "string");
}
