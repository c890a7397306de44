import { severityRank } from "../../../shared/incidents/severity.ts";
import type { Notification } from "../../../shared/notify/notification.ts";
import { type Paragraph, paragraphsOf, timeText } from "../../../shared/notify/paragraphs.ts";
import type { ThreadEvent } from "../model.ts";

type Single = ThreadEvent["notification"];

/** What a person reads of one delivery, before it takes the form of a chat. */
export interface Content {
  /** `CRITICAL: shop is DOWN`. */
  readonly title: string;
  readonly severity: Notification["severity"];
  readonly state: Notification["state"];
  readonly paragraphs: readonly Paragraph[];
  readonly links: readonly { readonly text: string; readonly href: string }[];
  /** What stands small below: which resource, when, and what there is to know of the delivery itself. */
  readonly footer: string;
}

/** More notifications than this are counted. */
const MOST_LISTED = 20;
const MOST_LINES = 10;
const LONGEST_LINE = 400;

/** @param mayBeRepeat an earlier attempt died, and nobody knows whether it arrived */
export function contentOf(events: readonly ThreadEvent[], mayBeRepeat: boolean): Content {
  const all = events.map(({ notification }) => notification);
  const [first, ...others] = all.toSorted((a, b) => severityRank(a.severity) - severityRank(b.severity));
  if (!first) throw new Error("a delivery needs a notification");
  const repeat = mayBeRepeat ? " · may be a repeat: an earlier attempt was interrupted" : "";
  if (others.length > 0) return digestOf([first, ...others], repeat);
  return {
    title: titleOf(first),
    severity: first.severity,
    state: first.state,
    paragraphs: shownOf(first),
    links: first.links ?? [],
    footer: `${first.resource} · ${first.automation} · ${timeText(first.at)}${repeat}`,
  };
}

function digestOf(all: readonly [Single, ...Single[]], repeat: string): Content {
  const [first] = all;
  const listed = all.slice(0, MOST_LISTED).map((one) => cut(titleOf(one), LONGEST_LINE));
  const more = all.length - listed.length;
  return {
    title: `${titleOf(first)}; and ${all.length - 1} more`,
    severity: first.severity,
    state: first.state,
    paragraphs: [
      {
        heading: `${all.length} notifications`,
        lines: more > 0 ? [...listed, `… and ${more} more`] : listed,
      },
    ],
    links: all.flatMap(({ links = [] }) => links).slice(0, MOST_LINES),
    footer: `${first.automation} · ${timeText(first.at)}${repeat}`,
  };
}

/** Of what is over only that matters, not its severity. */
export const titleOf = ({ state, severity, headline }: Single): string =>
  `${state === "end" ? "OVER" : state === "action" && severity === "info" ? "DONE" : severity.toUpperCase()}: ${headline}`;

function shownOf(one: Single): readonly Paragraph[] {
  return paragraphsOf(one).map(({ heading, lines }) => ({
    heading,
    lines: lines.slice(0, MOST_LINES).map((line) => cut(line, LONGEST_LINE)),
  }));
}

/** A text of at most so many characters; neither a character nor an escape such as `&amp;` is cut in two. */
export const cut = (text: string, most: number): string =>
  text.length > most ? `${text.slice(0, most - 1).replace(/[\uD800-\uDBFF]$|&[a-z]{0,4}$/, "")}…` : text;
