import { type Content, cut } from "./content.ts";

/** Teams takes 28 KB a message, all of it together. */
const MOST_BYTES = 28 * 1024;
const MOST_LINKS = 6;

const COLOURS = { critical: "attention", error: "attention", warning: "warning", info: "default" } as const;

/**
 * The message for a Teams workflow "when a webhook request is received": one adaptive card. What does not fit is left
 * out from the end.
 * https://learn.microsoft.com/en-us/microsoftteams/platform/webhooks-and-connectors/how-to/add-incoming-webhook
 */
export function teamsMessage(content: Content) {
  for (let kept = content.paragraphs.length; kept > 0; kept -= 1) {
    const message = messageWith(content, kept);
    if (Buffer.byteLength(JSON.stringify(message)) <= MOST_BYTES) return message;
  }
  return messageWith(content, 0);
}

function messageWith({ title, severity, state, paragraphs, links, footer }: Content, kept: number) {
  const left = paragraphs.length - kept;
  const block = (text: string, more: object = {}) => ({ type: "TextBlock", text, wrap: true, ...more });
  return {
    type: "message",
    attachments: [
      {
        contentType: "application/vnd.microsoft.card.adaptive",
        contentUrl: null,
        content: {
          $schema: "http://adaptivecards.io/schemas/adaptive-card.json",
          type: "AdaptiveCard",
          version: "1.4",
          msteams: { width: "Full" },
          body: [
            block(cut(title, 500), {
              weight: "Bolder",
              size: "Medium",
              color: state === "end" ? "good" : COLOURS[severity],
            }),
            ...paragraphs
              .slice(0, kept)
              .map(({ heading, lines }) => block(`**${heading}**\n\n${lines.map(plain).join("\n\n")}`)),
            ...(left > 0 ? [block(`${left} paragraphs did not fit`)] : []),
            block(footer, { isSubtle: true, size: "Small" }),
          ],
          ...(links.length > 0 && {
            actions: links
              .slice(0, MOST_LINKS)
              .map(({ text, href }) => ({ type: "Action.OpenUrl", title: text, url: href })),
          }),
        },
      },
    ],
  };
}

/** Cards know some of Markdown: a pattern such as `orders-*` must not become italics. */
const plain = (text: string): string => text.replace(/([*_[\]#`])/g, "\\$1");
