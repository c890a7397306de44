import type { KeyTable } from "../../../shared/automation/key-table.ts";

/** What each key of the section means. The README's tables and the JSON Schema are made from it. */
export const configKeys: readonly KeyTable[] = [
  {
    marker: "site",
    at: "list.*",
    keys: {
      url: {
        meaning: "The address to check, see above. It cannot contain a user or a password: use `auth`.",
      },
      method: { default: "GET", meaning: "The HTTP method." },
      headers: {
        meaning:
          "Request headers by name. A header whose name says that it holds a credential (authorization, cookie, token, key, secret …) must be a reference, see Secrets.",
      },
      body: { meaning: "The request's body: text or a reference." },
      auth: {
        meaning:
          "`{ basic: { user, password } }` or `{ bearer }`. The password and the token must be references.",
      },
      clientCertificate: { meaning: "`{ certificate, key }` in PEM. The key must be a reference." },
      ca: {
        default: "Node's own",
        meaning: "The only certificate authority that is trusted for this site, in PEM.",
      },
      serverName: {
        default: "the host",
        meaning: "The name to send by SNI. The certificate must contain it.",
      },
      insecure: {
        default: "false",
        meaning: "`true` accepts a certificate that is not trusted. Its expiry date still counts.",
      },
      alpn: { meaning: "For `tls://`: the protocols to offer." },
      http2: {
        default: "false",
        meaning:
          "`true` offers HTTP/2 first. With `false`, HTTP/2 is used only with a server that accepts nothing else.",
      },
      strict: {
        default: "false",
        meaning:
          "`true` fails the check (`header`) when an answer breaks RFC 9112. It also fails when a body cannot be decoded, even if no condition reads the body.",
      },
      addresses: {
        default: "first",
        meaning: "Which addresses of the name to probe: the `first` or `every` one. IPv4 comes before IPv6.",
      },
      redirects: {
        default: "10",
        meaning:
          "How many redirects to follow. With 0 the redirect itself is the answer. Headers (except accept and user-agent), credentials and cookies are sent to the site's own origin only. A redirect (307, 308) that would send a secret body to another origin fails with `redirect`.",
      },
      timeoutSeconds: {
        default: "10",
        meaning:
          "The time limit of each attempt, from the DNS look-up to the last byte of the body. At most 30.",
      },
      maxBodyBytes: {
        default: "2000000",
        meaning:
          "The largest body, as received and as decoded. A larger one fails with `too-large` if a condition reads it.",
      },
      conditions: { default: "see above", meaning: "What must hold for the site to be UP." },
      retries: {
        default: "0",
        meaning: "How many more attempts to make in the same run after one that was not UP.",
      },
      downAfter: {
        default: "2",
        meaning:
          "How many failed checks in a row make the site DOWN. Or `{ count, of }`: so many of the last checks, at most of 30.",
      },
      upAfter: { default: "2", meaning: "The same for checks that make the site UP again." },
      remindAfterMinutes: {
        default: "240",
        meaning: "How often to send a reminder while the site is DOWN or UNKNOWN. 0 sends none.",
      },
      maintenance: {
        meaning:
          "Maintenance windows: `Sun 02:00-04:00 Europe/Berlin`, `Fri 22:00-06:00 Asia/Tokyo`, `2026-03-28 22:00 - 2026-03-29 06:00 UTC`.",
      },
      intervalSeconds: {
        default: "60",
        meaning:
          "How often to check: 10, 12, 15, 20 or 30 seconds, or whole minutes up to a day. Below a minute the function probes again within one invocation, up to 40 seconds after its start. You pay for that time.",
      },
      enabled: { default: "true", meaning: "`false` stops the checks of this site." },
      mode: {
        default: "act",
        meaning:
          "`observe` checks and shows the site and notifies nobody. The file's `mode` does not apply here: a check changes nothing.",
      },
      severity: {
        default: "critical",
        meaning:
          "How much it matters that the site is DOWN: `critical`, `error`, `warning` or `info`. DEGRADED is a `warning` at most, UNKNOWN an `error` at most. The end of an incident has its worst severity.",
      },
      group: { meaning: "The heading under which the status page shows the site." },
      dependsOn: {
        meaning:
          "Sites that this one needs. While one of them is DOWN, a failure of this site is not notified.",
      },
      confirm: {
        default: "without-credentials",
        meaning:
          "How the regions of `confirmFrom` check a new failure: `without-credentials`, `with-credentials`, `never`.",
      },
      runbook: { meaning: "The address of a runbook. Notifications link to it." },
      allow: {
        meaning: "Private networks that this site may be in: `10.0.0.0/8`. They apply to this site only.",
      },
      related: {
        meaning: "Resources of the ledger (`stream/orders`). Notifications show their latest changes.",
      },
    },
  },
  {
    marker: "sites",
    at: "",
    keys: {
      defaults: {
        meaning:
          "Defaults for all sites: any key above except `url`. A site's own value replaces the default.",
      },
      allow: { default: "none", meaning: "The same for all sites." },
      resolvers: {
        default: "the machine's",
        meaning: "The DNS servers to ask: `10.0.0.2` or `10.0.0.2:5353`.",
      },
      canary: {
        default: "the AWS endpoint",
        meaning:
          "An address that answers as long as Reflex's own network works: `https://example.com`, `tcp://192.0.2.1:443`.",
      },
      phaseMetrics: {
        meaning:
          "Also publishes the time of each phase and the certificate's remaining days as metrics, $0.30 a month each. The log line of each check always has them.",
      },
      suspectAtMostMinutes: { meaning: "How long failures may be blamed on Reflex's own network." },
      confirmFrom: {
        default: "none",
        meaning:
          "One or two other regions that check a new failure too: `[eu-west-1, ap-southeast-2]`. See Confirmation.",
      },
      concurrency: { meaning: "How many probes run at once." },
      perInvocation: {
        meaning:
          "How many sites one invocation checks. More sites are split into parts, each with an EventBridge rule and an invocation of its own.",
      },
      statusPage: { meaning: "The public status page, see below." },
    },
  },
  {
    marker: "status-page",
    at: "statusPage",
    keys: {
      title: { meaning: "The heading of the page." },
      show: { meaning: "What the page shows of a site. `name` hides its address." },
      findings: { meaning: "`hide` shows only the reason of a failure, not what the check found." },
      timeZone: { meaning: "The time zone for readers without JavaScript: `Europe/Berlin`." },
      announcements: {
        default: "none",
        meaning:
          "A list of `{ title, text, window, severity }`. With a window (as in `maintenance`) an announcement is shown during the window and for two weeks before it. `severity` is `information`, `maintenance` or `warning`.",
      },
      logo: { meaning: "An image as a `data:` address." },
      domain: {
        default: "CloudFront's",
        meaning:
          "`{ name, certificateArn }`: your own domain and its certificate in us-east-1. Point the domain at the distribution.",
      },
      url: {
        default: "the domain",
        meaning: "The address of the page. Notifications and the feed link to it.",
      },
    },
  },
];
