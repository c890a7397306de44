/** So many inconclusive checks in a row make a site UNKNOWN: until then, what was known holds. */
const UNKNOWN_AFTER = 5;

/** What a person sees of what is kept of a site; undefined as long as the thresholds have not said anything yet. */
export function stateOf<Level>({
  unknownRun,
  level,
}: {
  readonly unknownRun: number;
  readonly level?: Level | undefined;
}): Level | "UNKNOWN" | undefined {
  return unknownRun >= UNKNOWN_AFTER ? "UNKNOWN" : level;
}
