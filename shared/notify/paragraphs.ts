import { durationText } from "../time/duration.ts";
import type { SingleNotification } from "./events-of.ts";
import type { Notification } from "./notification.ts";
import { hasRunbookLink, runbookOf } from "./runbook.ts";

/** One heading of a notification, and what stands below it. */
export interface Paragraph {
  readonly heading: string;
  readonly lines: readonly string[];
}

export const TO_UNDO = "To undo";

/** What chats show of a headline before they cut it: a reason that stands there in full is not said again. */
const LONGEST_SHOWN_HEADLINE = 140;

/**
 * What a person reads of a notification below its headline, the same in a mail and in a chat: whom it hurts, why and since
 * when, what it was read from, what was done before and now, what that costs, and what undoes it.
 */
export function paragraphsOf(one: SingleNotification): readonly Paragraph[] {
  const { done, costPerMonth, undo, incident, approval, headline } = one;
  const isSaid = (line: string) => headline.length <= LONGEST_SHOWN_HEADLINE && headline.includes(line);
  return [
    { heading: "Who is hurt", lines: one.work.map(factLine) },
    { heading: "Why", lines: one.reasons.filter((line) => !isSaid(line)) },
    { heading: "Since", lines: incident ? [sinceLine(incident, one.at)] : [] },
    { heading: "Read from", lines: one.resourceMetrics.map(factLine) },
    { heading: "Before", lines: one.events.map(({ at, text }) => `${timeText(at)}  ${text}`) },
    { heading: "Done", lines: [`${done.what}${done.what.includes(changeText(done)) ? "" : sizeText(done)}`] },
    { heading: "Cost a month", lines: costPerMonth ? [costText(costPerMonth)] : [] },
    {
      heading: approval ? `To answer, until ${timeText(approval.until)}` : "",
      lines: approval ? [`approve: ${approval.approve}`, `reject: ${approval.reject}`] : [],
    },
    { heading: TO_UNDO, lines: undo === undefined ? [] : [undo] },
    { heading: "Runbook", lines: hasRunbookLink(one) ? [] : [`docs/${runbookOf(one)}`] },
  ].filter(({ lines }) => lines.length > 0);
}

const changeText = ({ from, to }: Notification["done"]): string => `${from} -> ${to}`;

function sizeText({ from, to, unit }: Notification["done"]): string {
  if (from === undefined || to === undefined || from === to) return "";
  return ` (${from} -> ${to}${unit === undefined ? "" : ` ${unit}`})`;
}

const costText = ({ before, after }: NonNullable<Notification["costPerMonth"]>): string =>
  `$${before.toFixed(2)} -> $${after.toFixed(2)}`;

function sinceLine({ since, until }: NonNullable<Notification["incident"]>, at: string): string {
  const lasted = durationText(Math.max(0, Date.parse(until ?? at) - Date.parse(since)));
  if (until !== undefined) return `${timeText(since)}, until ${timeText(until)} (${lasted})`;
  return since === at ? timeText(since) : `${timeText(since)} (${lasted})`;
}

/** `2026-11-28 04:00:12 UTC`. */
export const timeText = (iso: string): string => `${iso.slice(0, 19).replace("T", " ")} UTC`;

const factLine = ({ name, value }: { readonly name: string; readonly value: string }): string =>
  `${name}: ${value}`;
