import { separate } from "./message.ts";
import type { Notification } from "./notification.ts";

/** One notification that stands for nothing but itself. */
export type SingleNotification = Omit<Notification, "notifications" | "changes">;

/**
 * Everything a message stands for, each as a notification of its own, so that each can go its own way: the notifications
 * of a digest, and the changes of state that one notification names.
 */
export function eventsOf(message: Notification): readonly SingleNotification[] {
  return separate(message).flatMap((one) => {
    const { changes = [], notifications: _digest, ...alone } = one;
    return changes.length === 0 ? [alone] : changes.map((change) => ofChange(alone, change));
  });
}

type StateChange = NonNullable<Notification["changes"]>[number];

function ofChange(parent: SingleNotification, change: StateChange): SingleNotification {
  const { id, at, resource, severity, state, headline, group, incident, reason, from, to, found } = change;
  const name = resource.slice(resource.indexOf("/") + 1);
  return {
    ...parent,
    ...{ id, at, resource, severity, state, headline },
    ...(change.runbook !== undefined && { runbook: change.runbook }),
    ...(group !== undefined && { group }),
    ...(incident && {
      incident: {
        ...incident,
        code: reason ?? to,
        since: change.since ?? at,
        ...(change.until !== undefined && { until: change.until }),
      },
    }),
    work: parent.work.filter((fact) => fact.name === name),
    resourceMetrics: parent.resourceMetrics.filter((fact) => fact.name === name),
    reasons: found.length > 0 ? found : [`${from} -> ${to}`],
  };
}
