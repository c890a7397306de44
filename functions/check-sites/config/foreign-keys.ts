const NOT_NEEDED_KIND = "not needed: the address says what is probed (https://, tcp://, tls://, dns:)";
const IP_VERSION = "addresses: IPv4 comes before IPv6, and `every` probes both";
const DNS_QUERY =
  "an address such as dns:example.com?type=MX, or dns://192.0.2.53/example.com to ask one server";
const STATUS = "conditions: [status in 200-299]";
const JSON_CONDITION = `conditions: ['json $.status == "UP"']`;
const CONTENT_TYPE = "headers: { content-type: application/json }, beside body";

/** Keys of other tools, in small letters without `-` and `_`, and what stands for them here. */
const FOREIGN: Readonly<Record<string, string>> = {
  // gatus
  name: "the key of the site in the list",
  interval: "intervalSeconds",
  timeout: "timeoutSeconds",
  client: "timeoutSeconds, insecure or serverName, directly in the site",
  endpoints: "list, by name",
  alerts: "not needed: notifications go to the topic, downAfter and upAfter are the thresholds",
  failurethreshold: "downAfter",
  successthreshold: "upAfter",
  maintenancewindows: "maintenance",
  ui: "statusPage: { show: name, findings: hide }, for all sites",
  graphql: CONTENT_TYPE,
  dns: DNS_QUERY,
  // blackbox_exporter
  prober: NOT_NEEDED_KIND,
  modules: "list, by name",
  http: "its keys directly in the site",
  tcp: "an address such as tcp://db.example.com:5432",
  icmp: "an address such as tcp://host:port: there is no ping",
  target: "url",
  targets: "list, by name",
  validstatuscodes: STATUS,
  validhttpversions: "http2, which offers HTTP/2 first: the version itself is no condition",
  failifbodynotmatchesregexp: 'conditions: ["body matches /…/"]',
  failifbodymatchesregexp: 'conditions: ["body not matches /…/"]',
  failifheadermatches: 'conditions: ["header <name> not matches /…/"]',
  failifheadernotmatches: 'conditions: ["header <name> matches /…/"]',
  failifssl: "url: http://…, with redirects: 0",
  failifnotssl: "url: https://…",
  tlsconfig: "insecure, ca or serverName",
  tls: "url: tls://host:port",
  basicauth: "auth: { basic: { user, password: { ssm: … } } }",
  bearertoken: "auth: { bearer: { ssm: … } }",
  bearertokenfile: "auth: { bearer: { ssm: … } }",
  nofollowredirects: "redirects: 0",
  followredirects: "redirects",
  preferredipprotocol: IP_VERSION,
  ipprotocolfallback: IP_VERSION,
  compression: "headers: { accept-encoding: gzip }",
  bodysizelimit: "maxBodyBytes",
  queryresponse: "not there: tcp:// and tls:// only connect",
  queryname: DNS_QUERY,
  querytype: DNS_QUERY,
  validrcodes: "not needed: a name that does not exist is DOWN by itself",
  validateanswerrrs: `conditions: ['answer contains "…"']`,
  // uptime-kuma
  hostname: "url: tcp://host:port",
  maxretries: "retries",
  retryinterval: "not needed: retries follow within the run",
  resendinterval: "remindAfterMinutes",
  port: "url: tcp://host:port",
  acceptedstatuscodes: STATUS,
  keyword: `conditions: ['body contains "…"']`,
  invertkeyword: `conditions: ['body not contains "…"']`,
  jsonpath: JSON_CONDITION,
  expectedvalue: JSON_CONDITION,
  ignoretls: "insecure",
  expirynotification: "not needed: a certificate that soon expires is DEGRADED by itself (certificate.days)",
  maxredirects: "redirects",
  upsidedown: "a condition that fails while it answers: the verdict itself cannot be turned round",
  httpbodyencoding: CONTENT_TYPE,
  dnsresolvetype: DNS_QUERY,
  dnsresolveserver: DNS_QUERY,
  basicauthuser: "auth: { basic: { user, password: { ssm: … } } }",
  authmethod: "auth: { basic: … } or { bearer: … }",
  tlscert: "clientCertificate: { certificate, key }",
  tlskey: "clientCertificate: { certificate, key }",
  tlsca: "ca",
  parent: "group, or dependsOn",
  tags: "group",
  description: "runbook, an address; otherwise a comment in the file",
  notificationidlist: "not needed: notifications go by notify.routes",
  type: NOT_NEEDED_KIND,
};

/** What is said of a key that another tool has; undefined of any other. */
export function foreignKey(key: string): string | undefined {
  const here = FOREIGN[key.toLowerCase().replaceAll(/[-_]/g, "")];
  return here && `here it is ${here}`;
}
