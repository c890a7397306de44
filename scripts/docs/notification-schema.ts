import * as z from "zod/mini";
import { notification } from "../../shared/notify/notification.ts";

/** The JSON Schema of a notification, for receivers that are not ours. */
export function notificationSchema(): string {
  const schema = z.toJSONSchema(notification, { target: "draft-2020-12", io: "input" });
  const titled = { title: "A notification of Reflex", ...schema };
  return `${JSON.stringify(titled, undefined, 2)}\n`;
}
