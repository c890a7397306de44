import { type Mutation, type Mutator, type Node, textOf } from "./syntax.ts";

const PUT_IN = "Put in by a mutant";

export const booleanLiteral: Mutator = (node) =>
  node.type === "Literal" && typeof node.value === "boolean"
    ? [whole("BooleanLiteral", node, String(!node.value))]
    : [];

export const stringLiteral: Mutator = (node, parent, source) => {
  if (node.type === "TemplateLiteral" && parent?.type !== "TaggedTemplateExpression") {
    return textOf(source, node) === "``" ? [] : [whole("StringLiteral", node, "``")];
  }
  if (node.type !== "Literal" || typeof node.value !== "string") return [];
  // "use strict" and the like are no values.
  if (parent?.type === "ExpressionStatement") return [];
  return [whole("StringLiteral", node, JSON.stringify(node.value === "" ? PUT_IN : ""))];
};

export const arrayLiteral: Mutator = (node) =>
  node.type === "ArrayExpression"
    ? [whole("ArrayDeclaration", node, node.elements.length > 0 ? "[]" : `["${PUT_IN}"]`)]
    : [];

export const objectLiteral: Mutator = (node) =>
  node.type === "ObjectExpression" && node.properties.length > 0 ? [whole("ObjectLiteral", node, "{}")] : [];

const ESCAPED: Readonly<Record<string, string>> = {
  "\\d": "\\D",
  "\\D": "\\d",
  "\\w": "\\W",
  "\\W": "\\w",
  "\\s": "\\S",
  "\\S": "\\s",
};

/** Anchors and quantifiers are left out, classes turned into their opposite. */
export const regularExpression: Mutator = (node, _parent, source) => {
  if (node.type !== "Literal" || !("regex" in node)) return [];
  const text = textOf(source, node);
  const from = node.start;
  const body = text.slice(0, text.lastIndexOf("/"));
  const tokens = [...body.matchAll(/\\.|\[\^?|\]|\(\?[:=!<]*|[*+?]\??|\{\d+(?:,\d*)?\}\??|[\^$]|[^\\]/g)];
  let inClass = false;
  return tokens.flatMap(({ 0: token, index }): Mutation[] => {
    const replaced = (by: string) => [
      { mutator: "Regex", start: from + index, end: from + index + token.length, text: by },
    ];
    const wasInClass = inClass;
    if (token.startsWith("[")) inClass = true;
    if (token === "]") inClass = false;
    if (ESCAPED[token] !== undefined) return replaced(ESCAPED[token]);
    if (wasInClass) return [];
    if (token === "[") return replaced("[^");
    if (token === "[^") return replaced("[");
    if (index > 1 && /^(?:[*+?]|\{\d)/.test(token)) return replaced("");
    return token === "^" || token === "$" ? replaced("") : [];
  });
};

function whole(mutator: string, { start, end }: Node, text: string): Mutation {
  return { mutator, start, end, text };
}
