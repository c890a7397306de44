import * as z from "zod/mini";
import { messageOf } from "../errors/message-of.ts";
import { parseDuration } from "../time/duration.ts";

const EXPECTED = "expected ";
const DURATION = 'a duration such as "90s", "10m" or "1h30m"';

/** Text read by `parse`; what it throws becomes the key's problem in the config's list of problems. */
export const parsedBy = <T>(parse: (text: string) => T, otherwise = "a text") =>
  z.pipe(
    z.string(otherwise),
    z.transform((text: string, context): T => {
      try {
        return parse(text);
      } catch (error) {
        const message = messageOf(error);
        // The list of problems says what was found itself, and goes on with "expected".
        const expected = message.slice(message.indexOf(EXPECTED) + EXPECTED.length);
        context.issues.push({ code: "custom", message: expected, input: text });
        return z.NEVER;
      }
    }),
  );

/** Milliseconds, written as `10m`. */
export const duration = (otherwise: string) => z.prefault(parsedBy(parseDuration, DURATION), otherwise);
