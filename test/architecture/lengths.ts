import { childrenOf, type Node, parse } from "../mutation/mutators/syntax.ts";

const FUNCTIONS = new Set(["FunctionDeclaration", "FunctionExpression", "ArrowFunctionExpression"]);

/** A function, and how many lines are its own. */
export interface Length {
  /** Of its first line, from 1. */
  readonly line: number;
  readonly lines: number;
}

/**
 * Every function of a source with the lines that are its own: from its first to its last line, comments and blank lines
 * included. Of a function within it only one line counts, so that a factory is as long as what it does itself, and each of the
 * closures it returns as long as that closure.
 */
export function functionLengths(source: string): Length[] {
  const begins = lineBegins(source);
  const lineOf = (offset: number) => lineAt(begins, offset);
  const found: Length[] = [];
  /** @returns the lines that functions in the node take beyond one each */
  const visit = (node: Node): number => {
    const within = childrenOf(node).reduce((sum, child) => sum + visit(child), 0);
    if (!FUNCTIONS.has(node.type)) return within;
    const [first, last] = [lineOf(node.start), lineOf(node.end)];
    found.push({ line: first, lines: last - first + 1 - within });
    return last - first;
  };
  visit(parse(source));
  return found;
}

function lineBegins(source: string): readonly number[] {
  const begins = [0];
  for (let at = source.indexOf("\n"); at >= 0; at = source.indexOf("\n", at + 1)) begins.push(at + 1);
  return begins;
}

/** The number of the line, from 1, with this offset in it. */
function lineAt(begins: readonly number[], offset: number): number {
  let [low, high] = [0, begins.length];
  while (low + 1 < high) {
    const middle = (low + high) >> 1;
    if ((begins[middle] ?? 0) <= offset) low = middle;
    else high = middle;
  }
  return low + 1;
}
