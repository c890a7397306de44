import type { Notification } from "../../../shared/notify/notification.ts";
import { TO_UNDO } from "../../../shared/notify/paragraphs.ts";
import type { ThreadEvent } from "../model.ts";
import { type Content, cut } from "./content.ts";

const LONGEST_TITLE = 250;
const LONGEST_DESCRIPTION = 4000;
const MOST_STEPS = 5;

/** The function that a custom action invokes with a person's answer. */
export interface Approver {
  /** Its name. */
  readonly function: string;
  readonly region: string;
}

const nextSteps = (all: readonly Notification[], links: Content["links"]): readonly string[] =>
  [
    ...all.flatMap(({ undo }) => (undo === undefined ? [] : [`To undo: ${undo}`])),
    ...links.map(({ text, href }) => `${text}: ${href}`),
  ].slice(0, MOST_STEPS);

/**
 * A custom notification for Amazon Q Developer in chat applications, which brings it to Slack or Teams. All of an incident
 * has one `threadId`, so the end comes in the thread of the beginning; custom actions are attached by `eventType`.
 * https://docs.aws.amazon.com/chatbot/latest/adminguide/custom-notifs.html
 */
export function amazonQMessage(
  events: readonly ThreadEvent[],
  { title, paragraphs, links, footer }: Content,
  approver: Approver,
) {
  const all = events.map(({ notification }) => notification);
  const steps = nextSteps(all, links);
  const [first] = all;
  // A message that asks for several things has no button: each has its link, and its command.
  const asks = all.length === 1 ? first?.approval : undefined;
  const text = paragraphs
    .filter(({ heading }) => heading !== TO_UNDO)
    .map(({ heading, lines }) => `*${heading}*\n${lines.join("\n")}`);
  return {
    version: "1.0",
    source: "custom",
    ...(first && all.length === 1 && { id: first.id }),
    content: {
      textType: "client-markdown",
      title: cut(title, LONGEST_TITLE),
      description: cut([...text, `_${footer}_`].join("\n\n"), LONGEST_DESCRIPTION),
      ...(steps.length > 0 && { nextSteps: steps }),
      keywords: [...new Set(all.flatMap(({ automation, severity }) => [automation, severity]))],
    },
    metadata: {
      threadId: events[0]?.thread ?? "",
      summary: cut(title, LONGEST_TITLE),
      eventType: asks ? "reflex-ask" : `reflex-${first?.state ?? "action"}`,
      relatedResources: [...new Set(all.map(({ resource }) => resource))].slice(0, 20),
      additionalContext: {
        severity: first?.severity ?? "info",
        automation: first?.automation ?? "",
        resource: first?.resource ?? "",
        ...(asks && { request: asks.id, ...approver }),
      },
    },
  };
}
