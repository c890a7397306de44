import type { KeyTable } from "../../../shared/automation/key-table.ts";

/** What each key of the section means. The README's tables and the JSON Schema are made from it. */
export const configKeys: readonly KeyTable[] = [
  {
    marker: "notify",
    at: "",
    keys: {
      emails: {
        meaning:
          "Each address gets a mail to confirm, and then every notification and every alarm on Reflex itself, whatever the routes say. Name one beside routes: it hears that their delivery fails.",
      },
      groups: { meaning: "Resources under one name: `{ money: [stream/payments, site/shop-*] }`." },
      routes: { meaning: "In order; the first that matches takes a notification." },
      approvals: {
        meaning:
          "Needed for `mode: ask`: [approve-changes](../approve-changes/README.md) takes the answers, and lists its keys.",
      },
      links: { meaning: "Where to read on. Messages of routes link there, and to their traces." },
      "links.runbook": {
        meaning:
          "Where `docs/` can be read, for example `https://github.com/acme/reflex/blob/main/docs`: every message, mail and alarm description links to its heading there. Without it they name the heading: `docs/runbook.md#undo-a-change`.",
      },
      "links.dashboard": { meaning: "The address of your dashboard." },
      allow: {
        meaning:
          "Networks that are not public and that webhooks may be in, as address ranges. Only these may be reached without TLS.",
      },
    },
  },
  {
    marker: "route",
    at: "routes.*",
    keys: {
      name: { meaning: "How logs and `npm run notify` name it." },
      automations: {
        meaning: "For example `[check-sites, drain-nodes]`; `reflex` is the alarms on Reflex itself.",
        default: "any",
      },
      resources: {
        meaning:
          "As notifications name them: `stream/orders`, `site/shop-*`, `node-pool/*`, `alarm/*` for Reflex itself.",
        default: "any",
      },
      groups: { meaning: "Names of `notify.groups`, or the `group` of a site.", default: "any" },
      minSeverity: {
        meaning: "`critical`, `error`, `warning` or `info`: this one and the more urgent ones.",
        default: "any",
      },
      windows: {
        meaning:
          "Time windows, as `maintenance` of sites: `Mon-Fri 08:00-18:00 Europe/Berlin`. The time of the notification counts.",
        default: "always",
      },
      to: { meaning: "A list of targets." },
      continue: { meaning: "What it matches goes on to the routes after it as well." },
    },
  },
  {
    marker: "target",
    at: "routes.*.to.*",
    keys: {
      none: { meaning: "`none: true`: nobody is notified." },
      sns: {
        meaning:
          "A topic. It gets the document, as the topic `reflex-<stage>-notify` does, with the same attributes to filter by.",
      },
      email: { meaning: "A list of addresses; each has to confirm once." },
      slack: {
        meaning:
          "`{ topic }`: a custom notification for Amazon Q Developer in chat applications, which is subscribed to that topic: all of an incident in one thread. `{ webhook }`: a message with blocks, by the channel's incoming webhook.",
      },
      teams: { meaning: "The same; by webhook it gets an adaptive card." },
      pagerduty: {
        meaning:
          "Events API v2: an incident triggers and resolves under one `dedup_key`. What was done and needs nobody is a change event.",
      },
      "pagerduty.routingKey": { meaning: "The integration key, a secret." },
      "pagerduty.endpoint": { meaning: "`https://events.eu.pagerduty.com` for an account in the EU." },
      webhook: {
        meaning:
          "The document as JSON, signed by the [Standard Webhooks](https://www.standardwebhooks.com) specification: HMAC-SHA256, timestamp, an id that stays.",
      },
      "webhook.url": { meaning: "An address, or a secret." },
      "webhook.secret": { meaning: "What the requests are signed with, a secret." },
      eventbridge: {
        meaning:
          "`{ bus }`: an event of source `reflex`, detail type `Reflex Notification`: [schema and rules](../../docs/notifications/eventbridge.md).",
      },
    },
  },
];
