import type { RE2JS } from "re2js";
import { messageOf } from "../../../shared/errors/message-of.ts";
import { Expected } from "./literals.ts";

/** `/…/` with the flags i (any case), s (`.` is any character) and m (`^` and `$` at each line). */
export interface Pattern {
  test(text: string): boolean;
}

let engine: typeof RE2JS | undefined;

/** The engine is 150 KB, a tenth of a cold start: a function loads it when a condition of its config needs it. */
export async function loadPatternEngine(): Promise<void> {
  engine ??= (await import("re2js")).RE2JS;
}

/** For everything but the function itself: patterns are compiled, and refused, where they are read. */
export function usePatternEngine(loaded: typeof RE2JS): void {
  engine = loaded;
}

/**
 * RE2's syntax: no backreferences and no look-around, but the time is linear in the text, whatever the
 * pattern. With JavaScript's own engine `(a+)+$` on one hostile page would hang every other check.
 */
export function readPattern(text: string): Pattern {
  const { source, flags = "" } = /^\/(?<source>.+)\/(?<flags>[ism]*)$/s.exec(text)?.groups ?? {};
  if (source === undefined) throw new Expected("a pattern such as /ok|fine/i");
  if (engine) return compile(engine, source, flags);
  // The function reads a config that the deploy has read before it.
  let compiled: Pattern | undefined;
  return {
    test(value) {
      if (!engine) throw new Error("the pattern engine is not loaded");
      compiled ??= compile(engine, source, flags);
      return compiled.test(value);
    },
  };
}

function compile(re2: typeof RE2JS, source: string, flags: string): Pattern {
  const bits: Readonly<Record<string, number>> = { i: re2.CASE_INSENSITIVE, s: re2.DOTALL, m: re2.MULTILINE };
  try {
    return re2.compile(
      source.replaceAll("\\/", "/"),
      [...flags].reduce((sum, flag) => sum | (bits[flag] ?? 0), 0),
    );
  } catch (error) {
    const why = messageOf(error);
    throw new Expected(`a pattern in RE2's syntax (${why})`);
  }
}
