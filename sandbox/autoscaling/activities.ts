import { randomUUID } from "node:crypto";
import type { Activity, Group } from "./group.ts";

/** AWS keeps six weeks of them; nobody reads this many here. */
const KEPT = 500;

/** Begins an activity of the group. */
export function recordActivity(
  { activities }: Group,
  description: string,
  cause: string,
  now: number,
): Activity {
  const activity: Activity = { id: randomUUID(), description, cause, startedAt: now, status: "InProgress" };
  activities.unshift(activity);
  activities.length = Math.min(activities.length, KEPT);
  return activity;
}

/** The activity of this description has succeeded, if there is one in progress. */
export function finishActivity({ activities }: Group, description: string, now: number): void {
  const activity = activities.find(
    (each) => each.description === description && each.status === "InProgress",
  );
  if (!activity) return;
  activity.status = "Successful";
  activity.endedAt = now;
}
