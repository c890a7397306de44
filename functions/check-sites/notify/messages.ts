import type { Notification } from "../../../shared/notify/notification.ts";
import { publishedBytes } from "../../../shared/notify/notify.ts";
import type { PendingNotification } from "../state/outbox.ts";
import { notificationOf, type Occasion } from "./notification.ts";

/** One SNS message, and the changes in it. */
export interface Message {
  readonly changes: readonly PendingNotification[];
  readonly notification: Notification;
}

/** SNS takes 262,144 bytes for all renderings and attributes of one message; the rest is for its envelope. */
const MAX_BYTES = 240_000;

/** One message for all changes; as many as it takes where one would be too large. */
export function messagesFor(changes: readonly PendingNotification[], occasion: Occasion): Message[] {
  const message = { changes, notification: notificationOf(changes, occasion) };
  if (changes.length === 1 || publishedBytes(message.notification) <= MAX_BYTES) return [message];
  return split(changes).flatMap((half) => messagesFor(half, occasion));
}

/** The same changes in two messages; none when there is one change only. */
export function halvesOf(changes: readonly PendingNotification[], occasion: Occasion): Message[] {
  if (changes.length < 2) return [];
  return split(changes).flatMap((half) => messagesFor(half, occasion));
}

function split(changes: readonly PendingNotification[]): (readonly PendingNotification[])[] {
  const middle = Math.ceil(changes.length / 2);
  return [changes.slice(0, middle), changes.slice(middle)];
}
