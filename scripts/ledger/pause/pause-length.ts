import { messageOf } from "../../../shared/errors/message-of.ts";
import { parseDuration } from "../../../shared/time/duration.ts";

/** A pause that nobody remembers is worse than none. */
const LONGEST_MS = 7 * 24 * 3_600_000;

/** How long a pause is to be by `--for`, in milliseconds, or what is wrong with it. */
export function pauseLength(text: string): number | string {
  try {
    const ms = parseDuration(text);
    if (ms > 0 && ms <= LONGEST_MS) return ms;
    return `--for: found ${text}, expected more than nothing and at most 7d`;
  } catch (error) {
    return `--for: ${messageOf(error)}`;
  }
}
