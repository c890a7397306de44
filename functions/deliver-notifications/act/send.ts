import type { EventBridge } from "@aws-sdk/client-eventbridge";
import type { SNSClient } from "@aws-sdk/client-sns";
import { messageOf } from "../../../shared/errors/message-of.ts";
import { Blocked, Misconfigured } from "../../../shared/lambda/errors.ts";
import type { Run } from "../../../shared/lambda/run.ts";
import { createNotify } from "../../../shared/notify/notify.ts";
import { mailTopic } from "../../../shared/routes/targets.ts";
import type { Credentials } from "../../../shared/secrets/credentials.ts";
import { refKey } from "../../../shared/secrets/secret-ref.ts";
import type { Delivery } from "../model.ts";
import { amazonQMessage } from "../notify/amazon-q.ts";
import { contentOf } from "../notify/content.ts";
import { pagerDutyEvent } from "../notify/pagerduty.ts";
import { slackMessage } from "../notify/slack.ts";
import { teamsMessage } from "../notify/teams.ts";
import { webhookRequest } from "../notify/webhook.ts";
import type { Post } from "./post.ts";
import { publishAsItIs } from "./publish.ts";
import { putEvent } from "./put-event.ts";

/** What a delivery goes out by. */
export interface Senders {
  readonly sns: SNSClient;
  readonly eventBridge: () => Promise<EventBridge>;
  readonly post: Post;
  readonly stage: string;
  /** The function's own. */
  readonly region: string;
}

/** Sends one delivery to its target. @throws {ReflexError} when it was not taken, as far as is known */
export type Send = (delivery: Delivery, credentials: Credentials, run: Run) => Promise<void>;

export function createSend(senders: Senders): Send {
  return async (delivery, credentials, run) => {
    const { target, events, mayBeRepeat } = delivery;
    const [event] = events;
    if (!event) return;
    const { sns, email, slack, teams, pagerduty, webhook, eventbridge } = target;
    const notifications = events.map(({ notification }) => notification);
    const content = contentOf(events, mayBeRepeat);
    const read = (ref: Parameters<Credentials["valueOf"]>[0]) => secretOf(credentials, ref, target.key);
    const json = (url: string, body: object) =>
      senders.post(target.key, { url, headers: {}, body: JSON.stringify(body) }, run);

    if (sns !== undefined) return createNotify(senders.sns, sns)(notifications, run);
    if (email) return createNotify(senders.sns, mailTopic(senders.stage, target))(notifications, run);
    const topic = slack?.topic ?? teams?.topic;
    if (topic !== undefined) {
      const approver = { function: `reflex-${senders.stage}-approve-changes`, region: senders.region };
      return publishAsItIs(senders.sns, topic, amazonQMessage(events, content, approver), run);
    }
    if (slack?.webhook) return json(read(slack.webhook), slackMessage(content));
    if (teams?.webhook) return json(read(teams.webhook), teamsMessage(content));
    if (pagerduty) {
      const { path, body } = pagerDutyEvent(event, read(pagerduty.routingKey), mayBeRepeat);
      return json(`${pagerduty.endpoint}${path}`, body);
    }
    if (webhook) {
      const url = typeof webhook.url === "string" ? webhook.url : read(webhook.url);
      const request = webhookRequest(event, read(webhook.secret), run.clock.now());
      return senders.post(target.key, { url, ...request }, run);
    }
    if (eventbridge) return putEvent(await senders.eventBridge(), eventbridge.bus, event.notification, run);
    throw new Misconfigured(`${target.key}: the config names no kind of target: nothing was sent`);
  };
}

function secretOf(
  credentials: Credentials,
  ref: Parameters<Credentials["valueOf"]>[0],
  target: string,
): string {
  try {
    // `echo … | aws ssm put-parameter` leaves the end of a line.
    const secret = credentials.valueOf(ref).trim();
    if (secret === "") throw new Error(`${refKey(ref)} is empty`);
    return secret;
  } catch (cause) {
    const reason = messageOf(cause);
    throw new Blocked(`${target}: ${reason}: nothing was sent; it is tried again for a day`, {
      resource: target,
      cause,
    });
  }
}
