/** `items` in their order, in groups of at most `most`: AWS takes so many in one call. */
export const inCalls = <T>(items: readonly T[], most: number): T[][] =>
  Array.from({ length: Math.ceil(items.length / most) }, (_, index) =>
    items.slice(index * most, (index + 1) * most),
  );
