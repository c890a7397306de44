import type { Content } from "./content.ts";
import { cut } from "./content.ts";

/** https://docs.slack.dev/reference/block-kit/blocks */
const LONGEST_HEADER = 150;
const LONGEST_SECTION = 3000;
const LONGEST_TEXT = 4000;
const MOST_BLOCKS = 50;

/**
 * The message for a Slack incoming webhook, in blocks; `text` is what a phone shows.
 * https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks
 */
export function slackMessage({ title, paragraphs, links, footer }: Content) {
  const sections = paragraphs.map(({ heading, lines }) => ({
    type: "section",
    text: {
      type: "mrkdwn",
      text: cut(`*${heading}*\n${lines.map(escapeText).join("\n")}`, LONGEST_SECTION),
    },
  }));
  const linkLine = links.map(({ text, href }) => `<${href}|${escapeText(text)}>`).join(" · ");
  const footers = [...(linkLine === "" ? [] : [linkLine]), escapeText(footer)];
  return {
    text: cut(escapeText(title), LONGEST_TEXT),
    blocks: [
      { type: "header", text: { type: "plain_text", text: cut(title, LONGEST_HEADER) } },
      ...sections.slice(0, MOST_BLOCKS - 2),
      {
        type: "context",
        elements: footers.map((text) => ({ type: "mrkdwn", text: cut(text, LONGEST_SECTION) })),
      },
    ],
  };
}

/** https://docs.slack.dev/messaging/formatting-message-text#escaping */
const escapeText = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
