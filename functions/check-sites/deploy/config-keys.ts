import type { KeyTable } from "../../../shared/automation/key-table.ts";

/** What each key of the section means. The README's tables and the JSON Schema are made from it. */
export const configKeys: readonly KeyTable[] = [
  {
    marker: "site",
    at: "list.*",
    keys: {
      url: { meaning: "See above. A user or password in it is refused: use `auth`." },
      method: { default: "GET", meaning: "" },
      headers: {
        meaning:
          "By name. Those that hold a credential by their name (authorization, cookie, token, key, secret …) only as a reference, see Secrets.",
      },
      body: { meaning: "A text or a reference." },
      auth: { meaning: "`{ basic: { user, password } }` or `{ bearer }`; password and token as references." },
      clientCertificate: { meaning: "`{ certificate, key }`, PEM; the key as a reference." },
      ca: { default: "Node's own", meaning: "PEM: the only authority that is trusted for this site." },
      serverName: { default: "the host", meaning: "Asked for by SNI, and what the certificate must name." },
      insecure: {
        default: "false",
        meaning: "A certificate that is not trusted is no error; its expiry still counts.",
      },
      alpn: { meaning: "For `tls://`: the protocols that are offered." },
      http2: {
        default: "false",
        meaning:
          "HTTP/2 is offered first. Otherwise it is spoken only with a server that takes nothing else.",
      },
      strict: {
        default: "false",
        meaning:
          "An answer that is not as RFC 9112 has it is an error (`header`), as is a body that cannot be decoded though no condition reads it.",
      },
      addresses: {
        default: "first",
        meaning: "`first`, or `every` address of the name, each probed. IPv4 comes before IPv6.",
      },
      redirects: {
        default: "10",
        meaning:
          "So many are followed; 0: the redirect itself is the answer. Headers (but accept and user-agent), credentials and cookies stay with the site's own origin; a redirect (307, 308) that asks to send a secret body elsewhere is `redirect`.",
      },
      timeoutSeconds: {
        default: "10",
        meaning: "From the look-up through the last byte of the body, for each attempt. At most 30.",
      },
      maxBodyBytes: {
        default: "2000000",
        meaning: "Of the body, as read and as decoded; more is `too-large` where a condition reads it.",
      },
      conditions: { default: "see above", meaning: "" },
      retries: { default: "0", meaning: "Further attempts within the run after one that was not UP." },
      downAfter: { default: "2", meaning: "A number in a row, or `{ count, of }`; at most of 30." },
      upAfter: { default: "2", meaning: "The same." },
      remindAfterMinutes: {
        default: "240",
        meaning: "A reminder this often while it is DOWN or UNKNOWN; 0: never.",
      },
      maintenance: {
        meaning:
          "`Sun 02:00-04:00 Europe/Berlin`, `Fri 22:00-06:00 Asia/Tokyo`, `2026-03-28 22:00 - 2026-03-29 06:00 UTC`.",
      },
      intervalSeconds: {
        default: "60",
        meaning:
          "10, 12, 15, 20, 30, or whole minutes up to a day. Below a minute the site is probed again within the invocation, up to 40 seconds after its beginning, and the function is billed for that time.",
      },
      enabled: { default: "true", meaning: "`false`: it is not checked." },
      mode: {
        default: "act",
        meaning:
          "`observe`: it is checked and shown, and nothing is notified. The file's `mode` does not count here: a check changes nothing.",
      },
      severity: {
        default: "critical",
        meaning:
          "`critical`, `error`, `warning` or `info`: how much it matters that the site is DOWN. One that is DEGRADED is a `warning` at most, UNKNOWN an `error` at most; the end has the severity of the worst.",
      },
      group: { meaning: "Under this heading the status page shows it." },
      dependsOn: {
        meaning:
          "Names of sites without which it cannot work: while one of them is DOWN, its own failure is not notified.",
      },
      confirm: {
        default: "without-credentials",
        meaning:
          "How the regions of `confirmFrom` look at a new failure: `without-credentials`, `with-credentials`, `never`.",
      },
      runbook: { meaning: "An address; notifications have the link." },
      allow: { meaning: "Networks that are not public and may be probed for this site only: `10.0.0.0/8`." },
      related: {
        meaning: "Resources of the ledger (`stream/orders`) whose latest acts a notification shows.",
      },
    },
  },
  {
    marker: "sites",
    at: "",
    keys: {
      defaults: { meaning: "Any key above but `url`, for every site that does not say it itself." },
      allow: { default: "none", meaning: "The same for every site." },
      resolvers: { default: "the machine's", meaning: "DNS servers, `10.0.0.2` or `10.0.0.2:5353`." },
      canary: {
        default: "the AWS endpoint",
        meaning:
          "An address that answers while our own network works: `https://example.com`, `tcp://192.0.2.1:443`.",
      },
      phaseMetrics: {
        meaning:
          "Publish each phase and the days of the certificate as metrics, too: $0.30 a month each. The log line of each check has them anyway.",
      },
      suspectAtMostMinutes: { meaning: "For so long silence may be taken for our own network's." },
      confirmFrom: {
        default: "none",
        meaning:
          "One or two other regions from which a new failure is looked at as well: `[eu-west-1, ap-southeast-2]`. See Confirmation.",
      },
      concurrency: { meaning: "Probes under way at once." },
      perInvocation: {
        meaning:
          "More sites than this are checked by several invocations, a part of the list each: one EventBridge rule a part.",
      },
      statusPage: { meaning: "See below." },
    },
  },
  {
    marker: "status-page",
    at: "statusPage",
    keys: {
      title: { meaning: "" },
      show: { meaning: "`name`: no address is shown." },
      findings: { meaning: "`hide`: what a check found is not shown, only by which reason it failed." },
      timeZone: { meaning: "Of times for readers without JavaScript: `Europe/Berlin`." },
      announcements: {
        default: "none",
        meaning:
          "A list of `{ title, text, window, severity }`; with a window (as in `maintenance`) it is shown while that is open and for two weeks before. `severity`: `information`, `maintenance`, `warning`.",
      },
      logo: { meaning: "A `data:` address of an image." },
      domain: {
        default: "CloudFront's",
        meaning:
          "`{ name, certificateArn }`: your own domain and its certificate in us-east-1. Point the domain to the distribution.",
      },
      url: { default: "the domain", meaning: "Where the page is: notifications and the feed link to it." },
    },
  },
];
