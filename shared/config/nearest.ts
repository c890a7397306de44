import { closest, distance } from "fastest-levenshtein";

/** The name of `known` that `found` is most likely a misspelling of; none where all are too far away. */
export function nearest(found: string, known: readonly string[]): string | undefined {
  if (known.length === 0) return undefined;
  const plain = new Map(known.map((name) => [normalised(name), name]));
  const asked = normalised(found);
  const best = closest(asked, [...plain.keys()]);
  const mistakes = distance(asked, best);
  return mistakes <= Math.max(1, Math.floor(asked.length / 2.5)) ? plain.get(best) : undefined;
}

/** `time_out`, `time-out` and `TimeOut` are one name. */
const normalised = (name: string): string => name.toLowerCase().replace(/[-_ ]/g, "");

/** What a message proposes in place of an unknown name. */
export function proposal(found: string, known: readonly string[]): string {
  const near = nearest(found, known);
  return near === undefined ? `expected one of ${known.join(", ")}` : `did you mean ${near}?`;
}
