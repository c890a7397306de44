import type { KeyTable } from "../../../shared/automation/key-table.ts";

/** What each key of the section means. The README's tables and the JSON Schema are made from it. */
export const configKeys: readonly KeyTable[] = [
  {
    marker: "notify",
    at: "",
    keys: {
      emails: {
        meaning:
          "Each address first gets a mail to confirm. Then it gets every notification and every alarm on Reflex itself, whatever the routes say. Name at least one address even if you use routes: mail reports when a route's delivery fails.",
      },
      groups: { meaning: "Names for sets of resources: `{ money: [stream/payments, site/shop-*] }`." },
      routes: {
        meaning:
          "Who gets which notification. Routes are tried in order, and the first that matches takes the notification.",
      },
      approvals: {
        meaning:
          "Required for `mode: ask`. [approve-changes](../approve-changes/README.md) takes the answers and lists its keys.",
      },
      links: { meaning: "Where to read more. Messages link there and to their traces." },
      "links.runbook": {
        meaning:
          "The address of `docs/`, for example `https://github.com/acme/reflex/blob/main/docs`. Every message, mail and alarm description links to its runbook heading there. Without it they name the heading: `docs/runbook.md#undo-a-change`.",
      },
      "links.dashboard": { meaning: "The address of your dashboard." },
      allow: {
        meaning:
          "Private networks that webhooks may be in, as address ranges. Only these are reached without TLS.",
      },
    },
  },
  {
    marker: "route",
    at: "routes.*",
    keys: {
      name: { meaning: "The name of the route in logs and in `npm run notify`." },
      automations: {
        meaning: "For example `[check-sites, drain-nodes]`. `reflex` means the alarms on Reflex itself.",
        default: "any",
      },
      resources: {
        meaning:
          "Resources by the names that notifications use: `stream/orders`, `site/shop-*`, `node-pool/*`. `alarm/*` means Reflex itself.",
        default: "any",
      },
      groups: { meaning: "Names of `notify.groups`, or the `group` of a site.", default: "any" },
      minSeverity: {
        meaning: "The lowest severity to take: `critical`, `error`, `warning` or `info`.",
        default: "any",
      },
      windows: {
        meaning:
          "Time windows, written as the `maintenance` of sites: `Mon-Fri 08:00-18:00 Europe/Berlin`. The time of the notification counts.",
        default: "always",
      },
      to: { meaning: "A list of targets." },
      continue: { meaning: "`true` also passes what the route matches on to the routes after it." },
    },
  },
  {
    marker: "target",
    at: "routes.*.to.*",
    keys: {
      none: { meaning: "`none: true`: nobody is notified." },
      sns: {
        meaning:
          "An SNS topic. It gets the JSON document with the same message attributes as the topic `reflex-<stage>-notify`.",
      },
      email: { meaning: "A list of addresses. Each must confirm once." },
      slack: {
        meaning:
          "`{ topic }` sends custom notifications to Amazon Q Developer in chat applications, which must be subscribed to that topic. All messages of an incident are in one thread. `{ webhook }` sends a message with blocks to the channel's incoming webhook.",
      },
      teams: { meaning: "The same. A webhook gets an adaptive card." },
      pagerduty: {
        meaning:
          "Events API v2. An incident triggers and resolves under one `dedup_key`. A change that needs no action is a change event.",
      },
      "pagerduty.routingKey": { meaning: "The integration key, a secret." },
      "pagerduty.endpoint": { meaning: "`https://events.eu.pagerduty.com` for an account in the EU." },
      webhook: {
        meaning:
          "The document as JSON, signed as [Standard Webhooks](https://www.standardwebhooks.com) specifies: HMAC-SHA256, a timestamp, and an id that stays the same when a message is sent again.",
      },
      "webhook.url": { meaning: "The address to post to, as text or as a secret." },
      "webhook.secret": { meaning: "The secret that signs the requests." },
      eventbridge: {
        meaning:
          "`{ bus }` puts an event of source `reflex` and detail type `Reflex Notification`: [schema and rules](../../docs/notifications/eventbridge.md).",
      },
    },
  },
];
