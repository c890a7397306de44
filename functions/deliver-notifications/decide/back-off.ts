const FIRST_SECONDS = 10;
const LONGEST_SECONDS = 900;

/**
 * How long a message that failed is hidden before it comes again: twice as long each time, a quarter of an hour at most,
 * with half of it left to chance so that many do not come at once.
 *
 * @param receives how often it was received, this time included
 * @param askedForSeconds what the receiver asked for (Retry-After)
 * @param random from 0 to 1
 */
export function retryAfterSeconds(receives: number, askedForSeconds: number, random: number): number {
  const longest = Math.min(LONGEST_SECONDS, FIRST_SECONDS * 2 ** Math.min(receives - 1, 10));
  return Math.min(
    LONGEST_SECONDS,
    Math.max(askedForSeconds, Math.ceil(longest / 2 + (longest / 2) * random)),
  );
}
