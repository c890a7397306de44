import * as z from "zod/mini";
import { readableBy } from "../config/readable-by.ts";
import { severity } from "../incidents/incident.ts";
import { parseRange } from "../net/address-range.ts";
import { httpUrl } from "../net/http-url.ts";
import { reference } from "../secrets/secret-ref.ts";
import { parseWindow } from "../time/windows.ts";
import { target } from "./targets.ts";

/** `stream/orders`, `site/shop-*`: the resource as notifications name it; `*` stands for any characters. */
const resourcePattern = z.string().check(z.regex(/^\S+$/, "a resource such as stream/orders or site/shop-*"));

const route = z.strictObject({
  /** How logs, metrics and `npm run notify` name it. */
  name: z.string().check(z.regex(/^[a-z0-9][a-z0-9-]{0,39}$/, "1 to 40 small letters, digits and hyphens")),
  /** Each key that is set must match; in a list, one of it. A route without any takes everything. */
  automations: z.optional(z.array(z.string()).check(z.minLength(1))),
  resources: z.optional(z.array(resourcePattern).check(z.minLength(1))),
  /** Names of `notify.groups`, or groups of sites. */
  groups: z.optional(z.array(z.string()).check(z.minLength(1))),
  /** This severity and the more urgent ones. */
  minSeverity: z.optional(severity),
  /** Only what happens within one of them. */
  windows: z.optional(z.array(readableBy(parseWindow)).check(z.minLength(1))),
  to: z.array(target).check(z.minLength(1)),
  /** What it matches goes on to the routes after it as well. */
  continue: z._default(z.boolean(), false),
});
export type Route = z.output<typeof route>;

/** The section `notify`. */
export const notifySchema = z.strictObject({
  /** Each gets a mail to confirm, and then every notification. */
  emails: z._default(z.array(z.email()), []),
  /** Resources under one name, for `groups` of a route. */
  groups: z._default(z.record(z.string(), z.array(resourcePattern)), {}),
  /** In order: the first one that matches takes a notification. */
  routes: z._default(
    z.array(route).check(
      z.refine((routes) => new Set(routes.map(({ name }) => name)).size === routes.length, {
        message: "routes with names of their own",
      }),
    ),
    [],
  ),
  /** How people approve what a mode `ask` decides on; without it nothing of that is deployed. */
  approvals: z.optional(
    z.strictObject({
      /** What links are signed with. */
      secret: reference,
      /** Deploys buttons for Amazon Q Developer in chat applications. */
      chatActions: z._default(z.boolean(), false),
    }),
  ),
  /** Where to read on; messages of routes link there, and to their traces. */
  links: z.optional(
    z.strictObject({
      /** Where docs/ can be read: messages, mails and the descriptions of alarms link to their headings there. */
      runbook: z.optional(httpUrl),
      dashboard: z.optional(httpUrl),
    }),
  ),
  /** Networks that are not public and that webhooks may be in. */
  allow: z._default(z.array(readableBy(parseRange)), []),
});
export type NotifyConfig = z.output<typeof notifySchema>;
