import { methodCall, optionalChaining } from "./mutators/calls.ts";
import { arrowFunction, block, condition, switchCase } from "./mutators/flow.ts";
import {
  arrayLiteral,
  booleanLiteral,
  objectLiteral,
  regularExpression,
  stringLiteral,
} from "./mutators/literals.ts";
import { arithmetic, assignment, equality, logical, unary, update } from "./mutators/operators.ts";
import { childrenOf, type Mutation, type Mutator, type Node, parse, textOf } from "./mutators/syntax.ts";

/** One change of one file. */
export interface Mutant {
  /** Its number among all that are switches at once. */
  readonly id: number;
  readonly mutator: string;
  readonly file: string;
  /** Counts from 1, as `column` does. */
  readonly line: number;
  readonly column: number;
  readonly original: string;
  readonly replacement: string;
}

const MUTATORS: readonly Mutator[] = [
  arithmetic,
  equality,
  logical,
  assignment,
  unary,
  update,
  booleanLiteral,
  stringLiteral,
  arrayLiteral,
  objectLiteral,
  regularExpression,
  condition,
  arrowFunction,
  methodCall,
  optionalChaining,
  block,
  switchCase,
];

/** The name of the function that the switches in the code ask: `isMutantOn(12)`. */
export const SWITCH = "isMutantOn";

/**
 * All mutants of a file in one text: each is a switch, off until `isMutantOn` says otherwise.
 *
 * @param firstId of its mutants; the others follow in the order of the source
 */
export function instrument(
  file: string,
  source: string,
  firstId: number,
): { readonly code: string; readonly mutants: readonly Mutant[] } {
  const mutants: Mutant[] = [];
  const add = (node: Node, mutation: Mutation): string => {
    const before = source.slice(0, mutation.start).split("\n");
    const id = firstId + mutants.length;
    mutants.push({
      id,
      mutator: mutation.mutator,
      file,
      line: before.length,
      column: (before.at(-1) ?? "").length + 1,
      original: textOf(source, node),
      replacement: mutated(node, mutation, source),
    });
    return `${SWITCH}(${id})`;
  };
  return { code: written(parse(source), { source, add }), mutants };
}

interface Writing {
  readonly source: string;
  /** Counts a mutant and answers the condition that turns it on. */
  readonly add: (node: Node, mutation: Mutation) => string;
}

interface Place {
  readonly parent: Node;
  /** Within `a?.b.c()`: a switch in the middle would cut the chain, so all stand around the whole. */
  readonly inChain: boolean;
}

function written(node: Node, writing: Writing, place?: Place): string {
  const inChain = isLinkAt(node, place);
  const mutations = inChain ? [] : mutationsOf(node, place?.parent, writing.source);
  const switches = mutations.map((mutation) => ({ mutation, isOn: writing.add(node, mutation) }));
  const [first] = switches;
  if (first === undefined) return writtenInside(node, writing, inChain);
  if (node.type === "SwitchCase") return writtenInside(node, writing, inChain, first.isOn);
  const inside = writtenInside(node, writing, inChain);
  if (node.type === "BlockStatement") return `{ if (${first.isOn}) {} else ${inside} }`;
  const choices = switches.map(
    ({ mutation, isOn }) => `${isOn} ? (${mutated(node, mutation, writing.source)}) : `,
  );
  return `(${choices.join("")}(${inside}))`;
}

/** @param caseIsOff the condition under which what a case does is left out */
function writtenInside(node: Node, writing: Writing, inChain: boolean, caseIsOff?: string): string {
  let text = "";
  let at = node.start;
  for (const child of childrenOf(node)) {
    text += writing.source.slice(at, child.start);
    if (node.type === "SwitchCase" && child === node.consequent[0] && caseIsOff !== undefined) {
      text += `if (${caseIsOff}) {} else {`;
    }
    text += written(child, writing, { parent: node, inChain });
    at = child.end;
  }
  return `${text}${writing.source.slice(at, node.end)}${caseIsOff === undefined ? "" : "}"}`;
}

function mutationsOf(node: Node, parent: Node | undefined, source: string): readonly Mutation[] {
  const own = MUTATORS.flatMap((mutator) => mutator(node, parent, source));
  if (node.type !== "ChainExpression") return own;
  return [...own, ...linksOf(node.expression, node).flatMap((link) => mutationsOf(link, node, source))];
}

/** The calls and members of a chain, the last first. */
function linksOf(node: Node, parent: Node): readonly Node[] {
  if (!isLinkAt(node, { parent, inChain: true })) return [];
  return [node, ...childrenOf(node).flatMap((child) => linksOf(child, node))];
}

function isLinkAt(node: Node, place: Place | undefined): boolean {
  if (
    place === undefined ||
    !["CallExpression", "MemberExpression", "TSNonNullExpression"].includes(node.type)
  )
    return false;
  const { parent, inChain } = place;
  if (parent.type === "ChainExpression") return true;
  if (!inChain) return false;
  if (parent.type === "CallExpression") return parent.callee === node;
  if (parent.type === "MemberExpression") return parent.object === node;
  return parent.type === "TSNonNullExpression";
}

function mutated(node: Node, { start, end, text }: Mutation, source: string): string {
  return source.slice(node.start, start) + text + source.slice(end, node.end);
}
