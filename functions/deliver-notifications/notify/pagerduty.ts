import { createHash } from "node:crypto";
import type { ThreadEvent } from "../model.ts";
import { contentOf, cut } from "./content.ts";

/** https://developer.pagerduty.com/docs/send-alert-event */
const LONGEST_KEY = 255;
const LONGEST_SUMMARY = 1024;

/** What is posted to PagerDuty, and where below its endpoint. */
export interface PagerDutyEvent {
  readonly path: "/v2/enqueue" | "/v2/change/enqueue";
  readonly body: object;
}

/**
 * The event of Events API v2: an incident triggers, and resolves at its end, under one `dedup_key`, so that whatever is
 * sent again changes nothing. Something that was done, and needs nobody, is a change event: it pages no one, and stands
 * beside the incidents of the service.
 */
export function pagerDutyEvent(event: ThreadEvent, routingKey: string, mayBeRepeat: boolean): PagerDutyEvent {
  const { notification: one, thread } = event;
  const { paragraphs, links } = contentOf([event], mayBeRepeat);
  const payload = {
    summary: cut(one.headline, LONGEST_SUMMARY),
    timestamp: one.at,
    source: one.resource,
    custom_details: Object.fromEntries(
      paragraphs.map(({ heading, lines }) => [heading.toLowerCase(), lines.join("\n")]),
    ),
  };
  const attached = { ...(links.length > 0 && { links }) };
  if (one.state === "action" && one.severity === "info") {
    return { path: "/v2/change/enqueue", body: { routing_key: routingKey, payload, ...attached } };
  }
  return {
    path: "/v2/enqueue",
    body: {
      routing_key: routingKey,
      event_action: one.state === "end" ? "resolve" : "trigger",
      dedup_key: dedupKey(thread),
      client: "Reflex",
      payload: {
        ...payload,
        severity: one.severity,
        component: one.automation,
        ...(one.group !== undefined && { group: one.group }),
        ...(one.incident && { class: one.incident.code }),
      },
      ...attached,
    },
  };
}

const dedupKey = (thread: string): string =>
  thread.length <= LONGEST_KEY ? thread : createHash("sha256").update(thread).digest("hex");
