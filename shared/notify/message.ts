import { createHash } from "node:crypto";
import { severityRank } from "../incidents/severity.ts";
import { fitting } from "./fitting.ts";
import type { Notification, NotificationState } from "./notification.ts";

/** SNS takes 262,144 bytes, all renderings and the attributes together; a queue's copy has its envelope beside them. */
const MOST_BYTES = 240 * 1024;
/** So many in one message at most, so that the attributes that name them stay short. */
const MOST_TOGETHER = 100;

/**
 * The fewest messages for these notifications: one, as a rule. Each is a notification itself; one that stands for several
 * has them all in `notifications`. Their order stays.
 *
 * @param bytesOf how large a message is with all its renderings
 */
export function messagesOf(
  notifications: readonly Notification[],
  bytesOf: (message: Notification) => number,
): Notification[] {
  const messages: Notification[][] = [];
  for (const one of notifications) {
    const last = messages.at(-1);
    const fits = last && last.length < MOST_TOGETHER && bytesOf(digestOf([...last, one])) <= MOST_BYTES;
    if (fits) last.push(one);
    else messages.push([one]);
  }
  return messages.map((together) => fitting(digestOf(together), MOST_BYTES, bytesOf));
}

/** The notifications a message stands for: itself, or all of several. */
export const separate = (message: Notification): readonly Notification[] =>
  message.notifications ?? [message];

/** One notification for several; the only one itself. */
function digestOf(notifications: readonly Notification[]): Notification {
  const [first, ...others] = notifications.toSorted(
    (a, b) => severityRank(a.severity) - severityRank(b.severity),
  );
  if (!first) throw new Error("a message needs a notification");
  if (others.length === 0) return first;
  const resources = new Set(notifications.map(({ resource }) => resource));
  const ids = notifications.map(({ id }) => id);
  return {
    // The same notifications make the same message, whichever run sends it.
    id: createHash("sha256").update(ids.join("\n")).digest("hex").slice(0, 32),
    at:
      notifications
        .map(({ at }) => at)
        .toSorted()
        .at(-1) ?? first.at,
    automation: first.automation,
    resource: resources.size === 1 ? first.resource : first.automation,
    severity: first.severity,
    state: new Set(notifications.map(({ state }) => state)).size === 1 ? first.state : "change",
    headline: `${first.headline}; and ${others.length} more`,
    work: [],
    resourceMetrics: [],
    events: [],
    done: { what: `${notifications.length} notifications of ${resources.size} resources, each below` },
    reasons: [],
    notifications: [...notifications],
    ...(first.traceId !== undefined && { traceId: first.traceId }),
  };
}

/** What a subscription can filter a message by. A message that stands for several has the values of all of them. */
export interface MessageAttributes {
  readonly automation: string;
  readonly resource: readonly string[];
  readonly severity: readonly string[];
  readonly state: readonly NotificationState[];
}

export function attributesOf(message: Notification): MessageAttributes {
  const parts = separate(message);
  const changes = parts.flatMap((one) => one.changes ?? []);
  const unique = <T>(values: readonly T[]): T[] => [...new Set(values)];
  return {
    automation: message.automation,
    resource: unique([
      ...(changes.length > 0 ? [] : parts.map(({ resource }) => resource)),
      ...changes.map(({ resource }) => resource),
    ]),
    severity: unique(parts.map(({ severity }) => severity)),
    state: unique([
      ...(changes.length > 0 ? [] : parts.map(({ state }) => state)),
      ...changes.map((one) => one.state),
    ]),
  };
}
