/** `count` of the last `of` checks; in a row when the two are equal. */
export interface Threshold {
  readonly count: number;
  readonly of: number;
}

/** Whether the threshold is reached by `marks`, oldest first. */
export function isReached({ count, of }: Threshold, marks: readonly boolean[]): boolean {
  return marks.slice(-of).filter(Boolean).length >= count;
}

/** Checks that must be remembered for any threshold a config can have. */
export const MOST_REMEMBERED = 30;
