/** Characters of a name that must be left before its `*`: shorter beginnings say nothing. */
const FEWEST = 2;

/**
 * A list of ARNs in at most so many characters: where it is longer, those that begin alike are put together as
 * `<beginning>*`, the most alike first. It stays longer where nothing more is alike.
 *
 * @param texts ARNs of one kind
 * @param most characters of all of them together
 */
export function groupByPrefix(texts: readonly string[], most: number): readonly string[] {
  const sorted = [...new Set(texts)].toSorted();
  const [first = "", last = ""] = [sorted[0], sorted.at(-1)];
  // What all have in common is the kind of resource, and the ARN before it.
  const head = commonPrefix(first, last).replace(/[^:/]*$/, "");
  const groups = sorted.slice();
  let size = groups.reduce((sum, text) => sum + text.length + 3, 0);
  while (size > most) {
    const at = mostAlike(groups);
    const [one, other] = [groups[at], groups[at + 1]];
    if (one === undefined || other === undefined) break;
    const prefix = commonPrefix(one, other).replace(/\*$/, "");
    if (prefix.length < head.length + FEWEST) break;
    groups.splice(at, 2, `${prefix}*`);
    size += prefix.length + 1 - one.length - other.length - 3;
  }
  return groups;
}

/** Of neighbours in a sorted list, the pair with the longest common beginning. */
function mostAlike(sorted: readonly string[]): number {
  let best = 0;
  let longest = -1;
  for (let at = 0; at + 1 < sorted.length; at += 1) {
    const { length } = commonPrefix(sorted[at] ?? "", sorted[at + 1] ?? "");
    if (length > longest) [best, longest] = [at, length];
  }
  return best;
}

function commonPrefix(one: string, other: string): string {
  let at = 0;
  while (at < one.length && one[at] === other[at]) at += 1;
  return one.slice(0, at);
}
