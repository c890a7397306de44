import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import type { Condition, IncidentEvent, Incidents } from "../../../shared/incidents/incident.ts";
import { OVER_AFTER_MS, REMIND_AFTER_MS, transition } from "../../../shared/incidents/transition.ts";
import { asText } from "../../../shared/notify/as-text.ts";
import { type Notification, notification } from "../../../shared/notify/notification.ts";
import { runbookOf } from "../../../shared/notify/runbook.ts";
import { anchorOf } from "../../docs/anchor.ts";

/** What an automation finds as time goes by, and how it speaks of it. */
export interface Course<Found> {
  readonly resource: string;
  readonly startsAt: number;
  /** `for days`: people are reminded of it. */
  readonly lasts: "for days" | "within an hour";
  /** What it finds at first, with another cause later, and at the end; the last has no condition any more. */
  readonly found: readonly [first: Found, ...Found[]];
  readonly conditionsOf: (found: Found) => readonly Condition[];
  readonly notificationOf: (event: IncidentEvent, found: Found) => Notification;
}

const CHANGES_AFTER_MS = 42 * 60_000;

/** Every notification of an incident: its beginning, its changes, the reminder of the next day, and its end. */
export function notificationsOf<Found>(course: Course<Found>): Notification[] {
  const { resource, startsAt, lasts, found, conditionsOf, notificationOf } = course;
  const [first, ...later] = found;
  const last = later.at(-1) ?? first;
  const before = later.slice(0, -1);
  const lastsMs = Math.max(0, ...conditionsOf(first).map(({ onlyAfterMs = 0 }) => onlyAfterMs));
  const changedAt = startsAt + lastsMs + before.length * CHANGES_AFTER_MS;
  const standing = before.at(-1) ?? first;
  const endsAt = changedAt + CHANGES_AFTER_MS + (lasts === "for days" ? REMIND_AFTER_MS : 0);
  const looks: readonly (readonly [number, Found])[] = [
    [startsAt, first],
    [startsAt + lastsMs, first],
    ...before.map((one, at) => [startsAt + lastsMs + (at + 1) * CHANGES_AFTER_MS, one] as const),
    [endsAt - CHANGES_AFTER_MS, standing],
    [endsAt, last],
    [endsAt + OVER_AFTER_MS, last],
  ];
  let incidents: Incidents = {};
  return looks.flatMap(([now, one]) => {
    const { after, events } = transition(
      resource,
      incidents,
      { conditions: conditionsOf(one), judged: "all" },
      now,
    );
    incidents = after;
    return events.map((event) => notificationOf(event, one));
  });
}

/** As a mail shows them, one after the other, each with what a subscription filters by. */
const shown = (notifications: readonly Notification[]): string =>
  notifications
    .map((one) => {
      const { state, severity, incident } = notification.parse(one);
      const code = incident === undefined ? "" : ` · ${incident.code}`;
      return `=== ${state} · ${severity}${code} ===\n\n${asText(one)}\n`;
    })
    .join("\n");

const DOCS = join(import.meta.dirname, "..", "..", "..", "docs");

/** Every heading of the runbook's pages, as it is linked to, and the pages themselves. */
export function runbookHeadings(): readonly string[] {
  const pages = ["runbook.md", ...readdirSync(join(DOCS, "runbook")).map((name) => `runbook/${name}`)];
  return pages.flatMap((page) => {
    const headings = readFileSync(join(DOCS, page), "utf8").matchAll(/^#+ (.+)$/gm);
    return [page, ...[...headings].map(([, heading = ""]) => `${page}#${anchorOf(heading)}`)];
  });
}

/** The notifications of one kind stand in the file of its name. */
export async function expectGolden(
  folder: string,
  kind: string,
  notifications: readonly Notification[],
): Promise<void> {
  expect(notifications, `${kind}: nothing is notified`).not.toEqual([]);
  for (const one of notifications) expect(runbookHeadings()).toContain(runbookOf(one));
  await expect(shown(notifications)).toMatchFileSnapshot(join(folder, `${kind}.txt`));
}

/** Every kind that the code can notify of has a file, and every file its kind. */
export function expectFileForEach(folder: string, kinds: readonly string[]): void {
  const files = readdirSync(folder).map((name) => name.replace(/\.txt$/, ""));
  expect(files.toSorted()).toEqual([...new Set(kinds)].toSorted());
}
