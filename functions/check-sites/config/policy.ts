import { isIP } from "node:net";
import * as z from "zod/mini";
import { readableBy } from "../../../shared/config/readable-by.ts";
import { parseRange } from "../../../shared/net/address-range.ts";
import { reference } from "../../../shared/secrets/secret-ref.ts";
import { parseWindow } from "../../../shared/time/windows.ts";
import { isTimeZone } from "../../../shared/time/zones.ts";
import { headers, textOrReference } from "./headers.ts";

/**
 * The schema of the section `sites`. README.md explains each key. What one key alone shows is checked here;
 * what needs the site as a whole (its kind, its conditions) in site.ts.
 */

const wholeNumber = (from: number, to: number) => z.int().check(z.gte(from), z.lte(to));

/** As the ledger names what an automation changes. */
const resource = z
  .string()
  .check(
    z.regex(/^(?:stream|node-pool)\/.+$/, "a resource of the ledger: stream/<name> or node-pool/<name>"),
  );

/** `3` in a row, or `{ count: 3, of: 5 }`. */
const threshold = z.union([
  wholeNumber(1, 30),
  z
    .strictObject({ count: wholeNumber(1, 30), of: wholeNumber(1, 30) })
    .check(z.refine(({ count, of }) => count <= of, { message: "a count that is not more than `of`" })),
]);

const auth = z.union(
  [
    z.strictObject({
      basic: z.strictObject({
        user: z.string().check(z.regex(/^[^:]*$/, "a user without a colon: it would end there")),
        password: reference,
      }),
    }),
    z.strictObject({ bearer: reference }),
  ],
  {
    error: "{ basic: { user: name, password: { ssm: /name } } } or { bearer: { ssm: /name } }",
  },
);

/** Every invocation has rounds of its own, so an interval has to fit in a minute, or minutes in it. */
const intervalSeconds = wholeNumber(10, 86_400).check(
  z.refine((seconds) => 60 % seconds === 0 || seconds % 60 === 0, {
    message: "10, 12, 15, 20 or 30, or whole minutes: 60, 120, …",
  }),
);

/** What the regions of `confirmFrom` may do about a site: credentials leave the home region only where it says so. */
export const CONFIRM = ["without-credentials", "with-credentials", "never"] as const;

/** What a site and the `defaults` have in common. */
const options = {
  method: z.optional(z.enum(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"])),
  headers: z.optional(headers),
  body: z.optional(textOrReference),
  auth: z.optional(auth),
  clientCertificate: z.optional(z.strictObject({ certificate: textOrReference, key: reference })),
  ca: z.optional(textOrReference),
  serverName: z.optional(z.string().check(z.regex(/^[\w.:-]+$/, "a host name, such as shop.example.com"))),
  insecure: z.optional(z.boolean()),
  alpn: z.optional(z.array(z.string().check(z.minLength(1), z.maxLength(255)))),
  http2: z.optional(z.boolean()),
  strict: z.optional(z.boolean()),
  addresses: z.optional(z.enum(["first", "every"])),
  redirects: z.optional(wholeNumber(0, 20)),
  timeoutSeconds: z.optional(z.number().check(z.gte(0.1), z.lte(30))),
  maxBodyBytes: z.optional(wholeNumber(0, 20_000_000)),
  conditions: z.optional(z.array(z.string({ error: "a text such as status == 200" }))),
  retries: z.optional(wholeNumber(0, 3)),
  downAfter: z.optional(threshold),
  upAfter: z.optional(threshold),
  remindAfterMinutes: z.optional(wholeNumber(0, 10_080)),
  maintenance: z.optional(z.array(readableBy(parseWindow))),
  /** Where a person reads what to do; notifications have the link. */
  runbook: z.optional(
    z.string().check(z.regex(/^https?:\/\/\S+$/, "an address such as https://wiki.example.com/shop")),
  ),
  related: z.optional(z.array(resource)),
  /** Networks that are not public and may be probed for this site, beside those of `sites.allow`. */
  allow: z.optional(z.array(readableBy(parseRange))),
  /** `observe`: it is checked and shown, and nothing is notified. */
  mode: z.optional(z.enum(["act", "observe"])),
  enabled: z.optional(z.boolean()),
  intervalSeconds: z.optional(intervalSeconds),
  severity: z.optional(z.enum(["critical", "error", "warning", "info"])),
  group: z.optional(z.string().check(z.minLength(1), z.maxLength(64))),
  /** Sites without which this one cannot work: while one of them is DOWN, this one's failure is not notified. */
  dependsOn: z.optional(z.array(z.string())),
  /** Whether a new failure is looked at from the regions of `confirmFrom`, and what is sent from there. */
  confirm: z.optional(z.enum(CONFIRM)),
};

export const siteOptions = z.strictObject(options);
export type SiteOptions = z.output<typeof siteOptions>;

export const sitePolicy = z.strictObject({ url: z.string(), ...options });
export type SitePolicy = z.output<typeof sitePolicy>;

/** A site's name is a metric's dimension and part of a key. */
export const siteName = z
  .string()
  .check(
    z.regex(
      /^[a-zA-Z0-9][a-zA-Z0-9._-]{0,63}$/,
      "1 to 64 letters, digits, dots, hyphens and underscores, the first a letter or a digit",
    ),
  );

const address = (example: string) =>
  z.string().check(z.regex(/^https:\/\/\S+$/, `an address such as ${example}`));

/** Something that is said to whoever reads the page. */
const announcement = z.strictObject({
  title: z.string().check(z.minLength(1), z.maxLength(200)),
  text: z.optional(z.string().check(z.maxLength(2000))),
  /** A maintenance that is planned, or a time in which the announcement is shown. */
  window: z.optional(readableBy(parseWindow)),
  severity: z.optional(z.enum(["information", "maintenance", "warning"])),
});

const statusPage = z.strictObject({
  title: z._default(z.string(), "Status"),
  /** `name`: addresses are not shown. */
  show: z._default(z.enum(["address", "name"]), "address"),
  /** What a check found; without it only that something failed. */
  findings: z._default(z.enum(["show", "hide"]), "show"),
  timeZone: z._default(
    z.string().check(z.refine(isTimeZone, { message: "an IANA time zone such as Europe/Berlin" })),
    "UTC",
  ),
  /** Where the page is served: notifications and the feed link to it. */
  url: z.optional(address("https://status.example.com")),
  /** A domain of your own, and the ARN of its certificate in us-east-1. */
  domain: z.optional(
    z.strictObject({
      name: z.string().check(z.minLength(1)),
      certificateArn: z.string().check(z.regex(/^arn:/, "an ARN")),
    }),
  ),
  /** An image, as a data: address: the page loads nothing from elsewhere. */
  logo: z.optional(
    z
      .string()
      .check(
        z.regex(
          /^data:image\/(png|svg\+xml|jpeg|webp);base64,[A-Za-z0-9+/=]+$/,
          "a data: address of an image",
        ),
        z.maxLength(100_000),
      ),
  ),
  announcements: z._default(z.array(announcement), []),
});

const region = z
  .string()
  .check(z.regex(/^[a-z]{2}(-[a-z]+)+-\d$/, "the name of an AWS region such as eu-west-1"));

/** What the section `sites` has beside `defaults` and `list`. */
const sectionOptions = {
  /** Phases and the days of a certificate as metrics, $0.30 each a month, beside the log line that has them anyway. */
  phaseMetrics: z._default(z.boolean(), false),
  /** Probes under way at once in one invocation. */
  concurrency: z._default(wholeNumber(1, 500), 40),
  /** More sites than this are checked by several invocations, a part each. */
  perInvocation: z._default(wholeNumber(1, 5000), 500),
  /** Networks that are not public and may be probed all the same. */
  allow: z._default(z.array(readableBy(parseRange)), []),
  /** DNS servers, `10.0.0.2` or `10.0.0.2:5353`; none: the machine's own. */
  resolvers: z._default(z.array(readableBy(readResolver)), []),
  /** Asked when no site answers, to distinguish our own network's silence from theirs: `https://…` or `tcp://host:port`. */
  canary: z.optional(
    z
      .string()
      .check(
        z.regex(
          /^(https?:\/\/[^/]+\/?|tcp:\/\/[^/]+:\d+)$/,
          "an address such as https://example.com or tcp://192.0.2.1:443",
        ),
      ),
  ),
  suspectAtMostMinutes: z._default(wholeNumber(0, 60), 5),
  /** Regions from which a new failure is looked at as well: of home and two others, two decide. */
  confirmFrom: z._default(
    z.array(region).check(
      z.refine((regions) => regions.length <= 2, { message: "at most two regions" }),
      z.refine((regions) => new Set(regions).size === regions.length, { message: "each region once" }),
    ),
    [],
  ),
  statusPage: z.optional(statusPage),
};

/** The section `sites` without its sites. */
export const sitesOptions = z.strictObject(sectionOptions);

/** Every key of the section. */
export const sectionKeys = z.strictObject({
  ...sectionOptions,
  defaults: z.optional(siteOptions),
  list: z.optional(z.record(siteName, sitePolicy)),
});

function readResolver(text: string): void {
  const { bracketed, plain, port } =
    /^(?:\[(?<bracketed>[^\]]+)\]|(?<plain>[\d.]+))(?::(?<port>\d{1,5}))?$/.exec(text)?.groups ?? {};
  const address = bracketed ?? plain ?? text;
  const isRightPort = port === undefined || (Number(port) >= 1 && Number(port) <= 65_535);
  if (isIP(address) && isRightPort) return;
  throw new Error("the IP address of a DNS server, such as 10.0.0.2, 10.0.0.2:5353 or [fd00::2]:53");
}
