import type { Annotate } from "../tracing/annotations.ts";

/** What a trace says of a trigger. */
export interface AnnotatedTrigger {
  readonly kind: string;
  readonly alarmName?: string;
}

/** Puts what woke a run on its trace, and gives it back: an event may hold several triggers. */
export function annotateTriggers<T extends AnnotatedTrigger>(
  triggers: readonly T[],
  { annotate }: { readonly annotate: Annotate },
): readonly T[] {
  const joined = (words: readonly string[]) => [...new Set(words)].join(" ");
  const alarms = joined(triggers.flatMap(({ alarmName }) => alarmName ?? []));
  annotate("trigger", joined(triggers.map(({ kind }) => kind)));
  if (alarms !== "") annotate("alarm", alarms);
  return triggers;
}
