import { createHash } from "node:crypto";
import * as z from "zod/mini";
import { httpUrl } from "../net/http-url.ts";
import { reference, type SecretRef } from "../secrets/secret-ref.ts";

const TOPIC = /^(arn:[^:]+:sns:[^:]+:\d{12}:)?[A-Za-z0-9_-]{1,256}$/;
const BUS = /^(arn:[^:]+:events:[^:]+:\d{12}:event-bus\/)?[/.A-Za-z0-9_-]{1,256}$/;

const topic = z.string().check(z.regex(TOPIC, "the name or the ARN of an SNS topic"));

/**
 * A chat channel: by the topic of its Amazon Q Developer configuration, which threads an incident's messages, or by an
 * incoming webhook, whose address is a secret.
 */
const chat = z.strictObject({ topic: z.optional(topic), webhook: z.optional(reference) }).check(
  z.refine(({ topic: named, webhook }) => (named === undefined) !== (webhook === undefined), {
    message: "topic or webhook, one of the two",
  }),
);

const pagerduty = z.strictObject({
  /** The integration key of Events API v2. */
  routingKey: reference,
  /** `https://events.eu.pagerduty.com` for accounts in the EU. */
  endpoint: z._default(httpUrl, "https://events.pagerduty.com"),
});

const webhook = z.strictObject({
  url: z.union([httpUrl, reference]),
  /** Signs each request, by the Standard Webhooks specification. */
  secret: reference,
});

const keys = {
  /** Nobody. */
  none: z.optional(z.literal(true)),
  sns: z.optional(topic),
  email: z.optional(z.array(z.email()).check(z.minLength(1))),
  slack: z.optional(chat),
  teams: z.optional(chat),
  pagerduty: z.optional(pagerduty),
  webhook: z.optional(webhook),
  eventbridge: z.optional(
    z.strictObject({ bus: z.string().check(z.regex(BUS, "the name or the ARN of an event bus")) }),
  ),
};

const KINDS = Object.keys(keys).join(", ");

/** One place that notifications go to. */
export const target = z.pipe(
  z.strictObject(keys).check(
    z.refine((given) => Object.keys(given).length === 1, {
      message: `one of ${KINDS}, each with its keys`,
    }),
  ),
  z.transform((given): Target => {
    const [kind = ""] = Object.keys(given);
    const digest = createHash("sha256").update(JSON.stringify(given)).digest("hex").slice(0, 12);
    return { key: `${kind}-${digest}`, ...given };
  }),
);

/** Exactly one of the kinds is set. */
export type Target = Readonly<z.output<z.ZodMiniObject<typeof keys>>> & {
  /** The same for the same target, in whichever route it stands; it holds no secret. */
  readonly key: string;
};

/** Every reference to a secret in a target. */
export function secretsOf({ slack, teams, pagerduty: pager, webhook: hook }: Target): SecretRef[] {
  const url = typeof hook?.url === "string" ? undefined : hook?.url;
  return [slack?.webhook, teams?.webhook, pager?.routingKey, hook?.secret, url].filter(
    (ref) => ref !== undefined,
  );
}

/** The topic a target publishes to, where it is one of the account's own. */
export const topicOf = ({ sns, slack, teams }: Target): string | undefined =>
  sns ?? slack?.topic ?? teams?.topic;

/** The topic of a target's mail addresses, which the stack creates. */
export const mailTopic = (stage: string, { key }: Pick<Target, "key">): string => `reflex-${stage}-${key}`;
