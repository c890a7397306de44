/** Keys of other tools, and what stands for them here. */
const FOREIGN: Readonly<Record<string, string>> = {
  // gatus
  interval: "intervalSeconds",
  timeout: "timeoutSeconds",
  client: "timeoutSeconds, insecure or serverName, directly in the site",
  endpoints: "list, by name",
  alerts: "not needed: notifications go to the topic, downAfter and upAfter are the thresholds",
  dns: "an address such as dns:example.com?type=MX",
  // blackbox_exporter
  prober: "not needed: the address says what is probed (https://, tcp://, tls://, dns:)",
  modules: "list, by name",
  http: "its keys directly in the site",
  target: "url",
  targets: "list, by name",
  valid_status_codes: "conditions: [status in 200-299]",
  fail_if_body_not_matches_regexp: 'conditions: ["body matches /…/"]',
  fail_if_body_matches_regexp: 'conditions: ["body not matches /…/"]',
  tls_config: "insecure, ca or serverName",
  basic_auth: "auth: { basic: { user, password: { ssm: … } } }",
  bearer_token: "auth: { bearer: { ssm: … } }",
  no_follow_redirects: "redirects: 0",
  follow_redirects: "redirects",
  // uptime-kuma
  hostname: "url: tcp://host:port",
  maxretries: "retries",
  retryinterval: "not needed: retries follow within the run",
  port: "url: tcp://host:port",
  accepted_statuscodes: "conditions: [status in 200-299]",
  keyword: 'conditions: ["body contains "…""]',
  ignoretls: "insecure",
  maxredirects: "redirects",
  type: "not needed: the address says what is probed (https://, tcp://, tls://, dns:)",
};

/** What is said of a key that another tool has; undefined of any other. */
export function foreignKey(key: string): string | undefined {
  const here = FOREIGN[key.toLowerCase()];
  return here && `here it is ${here}`;
}
