import { createHash, createHmac } from "node:crypto";
import type { ThreadEvent } from "../model.ts";

/** A request as it is posted. */
export interface SignedRequest {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/**
 * A notification for a receiver of your own, signed by the Standard Webhooks specification: HMAC-SHA256 over id, timestamp
 * and body. The id is the same for every attempt: receivers drop what they have seen.
 * https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
 *
 * @param secret `whsec_` and the key in base64, or any text
 * @param now ms since the epoch
 */
export function webhookRequest({ notification }: ThreadEvent, secret: string, now: number): SignedRequest {
  const body = JSON.stringify({
    type: `reflex.${notification.state}`,
    timestamp: notification.at,
    data: notification,
  });
  // The specification's id has no full stop, which ours may have.
  const id = `msg_${createHash("sha256").update(notification.id).digest("hex").slice(0, 32)}`;
  const timestamp = String(Math.floor(now / 1000));
  return {
    headers: {
      "webhook-id": id,
      "webhook-timestamp": timestamp,
      "webhook-signature": signatureOf(`${id}.${timestamp}.${body}`, secret),
    },
    body,
  };
}

/** @param content `<id>.<timestamp>.<body>` */
export const signatureOf = (content: string, secret: string): string =>
  `v1,${createHmac("sha256", keyOf(secret)).update(content).digest("base64")}`;

const keyOf = (secret: string): Buffer =>
  secret.startsWith("whsec_") ? Buffer.from(secret.slice("whsec_".length), "base64") : Buffer.from(secret);
