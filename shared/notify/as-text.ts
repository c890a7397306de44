import type { SingleNotification } from "./events-of.ts";
import type { Notification } from "./notification.ts";
import { paragraphsOf, timeText } from "./paragraphs.ts";

/** The plain-text rendering, for a mail. */
export function asText(message: Notification): string {
  if (!message.notifications) return textOf(message);
  return [message.headline, ...message.notifications.map(textOf)].join(`\n\n${"-".repeat(60)}\n\n`);
}

function textOf(one: SingleNotification): string {
  const { resource, automation, at, traceId, links = [] } = one;
  const trace = traceId === undefined ? "" : ` · trace ${traceId}`;
  return [
    one.headline,
    ...paragraphsOf(one).flatMap(({ heading, lines }) => [
      "",
      `${heading}:`,
      ...lines.map((line) => `  ${line}`),
    ]),
    ...(links.length > 0 ? ["", ...links.map(({ text, href }) => `${text}: ${href}`)] : []),
    "",
    `${resource} · ${automation} · ${timeText(at)}${trace}`,
  ].join("\n");
}
