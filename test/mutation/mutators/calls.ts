import { type Mutation, type Mutator, textOf } from "./syntax.ts";

/** Methods by what is called in their place. */
const SWAPPED: ReadonlyMap<string, string> = new Map(
  Object.entries({
    startsWith: "endsWith",
    endsWith: "startsWith",
    every: "some",
    some: "every",
    min: "max",
    max: "min",
    toLowerCase: "toUpperCase",
    toUpperCase: "toLowerCase",
    toLocaleLowerCase: "toLocaleUpperCase",
    toLocaleUpperCase: "toLocaleLowerCase",
    trimStart: "trimEnd",
    trimEnd: "trimStart",
  }),
);

/** Methods that answer something of the kind they are called on: it is taken as it is. */
const LEFT_OUT = [
  "charAt",
  "filter",
  "reverse",
  "slice",
  "sort",
  "substring",
  "toReversed",
  "toSorted",
  "trim",
];

export const methodCall: Mutator = (node, _parent, source) => {
  if (node.type !== "CallExpression") return [];
  const { callee } = node;
  if (callee.type !== "MemberExpression" || callee.computed) return [];
  const name = textOf(source, callee.property);
  const other = SWAPPED.get(name);
  if (other !== undefined) {
    const { start, end } = callee.property;
    return [{ mutator: "MethodExpression", start, end, text: other }];
  }
  if (!LEFT_OUT.includes(name)) return [];
  return [
    { mutator: "MethodExpression", start: node.start, end: node.end, text: textOf(source, callee.object) },
  ];
};

export const optionalChaining: Mutator = (node, _parent, source): readonly Mutation[] => {
  if (node.type !== "CallExpression" && node.type !== "MemberExpression") return [];
  if (!node.optional) return [];
  const { end: from } = node.type === "CallExpression" ? node.callee : node.object;
  const start = from + source.slice(from).indexOf("?.");
  const keepsDot = node.type === "MemberExpression" && !node.computed;
  return [{ mutator: "OptionalChaining", start, end: start + 2, text: keepsDot ? "." : "" }];
};
