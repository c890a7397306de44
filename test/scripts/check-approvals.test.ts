import { expect, test } from "vitest";
import { configOf } from "../../scripts/checked-config.ts";
import { parseConfigFile } from "../../shared/config/read-file.ts";
import { AUTOMATIONS } from "./watched.ts";

const problems = (yaml: string): readonly string[] => {
  const checked = configOf(parseConfigFile(yaml, "prod.yml"), AUTOMATIONS);
  return "problems" in checked ? checked.problems : [];
};
const notify = (...lines: readonly string[]) => ["notify:", ...lines.map((line) => `  ${line}`)].join("\n");

const SECRET = "approvals: { secret: { ssm: /reflex/approvals } }";
const ORDERS = "streams:\n  orders: { max: 4, mode: ask }";
const NO_SECRET =
  "streams.orders: its mode is ask, expected notify.approvals with a secret: people's answers come by links that are signed with it";
const NO_ROUTE =
  "streams.orders: its mode is ask, expected a route of notify.routes that takes stream/orders of reshard-streams with severity warning to somebody";

test.each([
  ["nothing to answer by", ORDERS, [`prod.yml:2:3: ${NO_SECRET}`]],
  ["no route at all", `${ORDERS}\n${notify(SECRET)}`, [`prod.yml:2:3: ${NO_ROUTE}`]],
  [
    "a route to nobody before the one to somebody",
    `${ORDERS}\n${notify(SECRET, "routes:", "  - { name: a, resources: [stream/*], to: [none: true] }", "  - { name: b, to: [sns: ops] }")}`,
    [`prod.yml:2:3: ${NO_ROUTE}`],
  ],
  [
    "a route that takes errors only",
    `${ORDERS}\n${notify(SECRET, "routes: [{ name: a, minSeverity: error, to: [sns: ops] }]")}`,
    [`prod.yml:2:3: ${NO_ROUTE}`],
  ],
  [
    "a route of another automation, for one direction",
    `streams:\n  orders: { max: 4, mode: { scaleOut: act, scaleIn: ask } }\n${notify(SECRET, "routes: [{ name: a, automations: [check-sites], to: [sns: ops] }]")}`,
    [`prod.yml:2:3: ${NO_ROUTE}`],
  ],
  [
    "a service-wide mode, of a pattern and a pool",
    'mode: ask\nstreams:\n  "clicks-*": { max: 4 }\nnodePools:\n  w: { cluster: c, autoScalingGroups: [a] }',
    [
      expect.stringMatching(
        /^prod\.yml:3:3: streams\.clicks-\*: its mode is ask, expected notify\.approvals/,
      ),
      expect.stringMatching(/^prod\.yml:5:3: nodePools\.w: its mode is ask, expected notify\.approvals/),
    ],
  ],
  [
    "a time to answer that is none",
    `streams:\n  orders: { max: 4, mode: ask, askFor: soon }\n${notify(SECRET, "routes: [{ name: a, to: [sns: ops] }]")}`,
    [
      'prod.yml:2:32: streams.orders.askFor: found "soon", expected a duration such as "90s", "10m" or "1h30m"',
    ],
  ],
  [
    "a secret that stands in the config",
    `${ORDERS}\n${notify("approvals: { secret: hunter2-hunter2 }", "routes: [{ name: a, to: [sns: ops] }]")}`,
    [expect.stringMatching(/^prod\.yml:4:\d+: notify\.approvals\.secret: found "\[hidden\]", expected/)],
  ],
  [
    "no secret",
    `${ORDERS}\n${notify("approvals: {}")}`,
    [expect.stringContaining("notify.approvals.secret: is missing")],
  ],
  [
    "a mode that is none",
    `streams:\n  orders: { max: 4, mode: { scaleOut: asks } }\n${notify(SECRET, "routes: [{ name: a, to: [sns: ops] }]")}`,
    [expect.stringContaining("prod.yml:2:")],
  ],
])("check-config refuses mode ask with %s", (_, yaml, expected) => {
  expect(problems(yaml)).toEqual(expected);
});

test.each([
  [
    "a route that is open at some time",
    "routes: [{ name: a, windows: [Mon-Fri 08:00-18:00 UTC], to: [sns: ops] }]",
  ],
  [
    "a group that the stream is in",
    "routes: [{ name: a, groups: [money], to: [sns: ops] }]\n  groups: { money: [stream/orders] }",
  ],
])("check-config takes mode ask with %s", (_, routes) => {
  expect(problems(`${ORDERS}\n${notify(SECRET, routes)}`)).toEqual([]);
});
