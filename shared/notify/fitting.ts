import type { Notification } from "./notification.ts";

interface Most {
  /** Of each list. */
  readonly items: number;
  /** Of each text. */
  readonly characters: number;
}

const SHORTER: readonly Most[] = [
  { items: 300, characters: 2000 },
  { items: 60, characters: 500 },
  { items: 10, characters: 200 },
];

/**
 * A notification that SNS takes: one that is too large even alone would hold back everything that waits behind it. Its
 * lists and texts are cut; what happened, to what, and what was done stays.
 *
 * @param bytesOf how large it is with all its renderings
 */
export function fitting(
  one: Notification,
  mostBytes: number,
  bytesOf: (one: Notification) => number,
): Notification {
  let fits = one;
  for (const most of SHORTER) {
    if (bytesOf(fits) <= mostBytes) return fits;
    fits = cutTo(one, most);
  }
  return fits;
}

function cutTo(one: Notification, { items, characters }: Most): Notification {
  const text = (given: string) =>
    given.length <= characters ? given : `${given.slice(0, characters).toWellFormed()}…`;
  const fact = ({ name, value }: Notification["work"][number]) => ({ name: text(name), value: text(value) });
  const facts = (all: Notification["work"]) => [
    ...all.slice(0, items).map(fact),
    ...(all.length > items ? [{ name: `${all.length - items} more`, value: "see the log" }] : []),
  ];
  return {
    ...one,
    headline: text(one.headline),
    work: facts(one.work),
    resourceMetrics: facts(one.resourceMetrics),
    events: one.events.slice(0, items).map(({ at, text: line }) => ({ at, text: text(line) })),
    reasons: one.reasons.slice(0, items).map(text),
    done: { ...one.done, what: text(one.done.what) },
    ...(one.undo !== undefined && { undo: text(one.undo) }),
  };
}
