import { describe, expect, it, test } from "vitest";
import { retryAfterSeconds } from "../../../functions/deliver-notifications/decide/back-off.ts";
import { deliveriesOf } from "../../../functions/deliver-notifications/decide/deliveries.ts";
import { parseSection } from "../../../shared/config/load.ts";
import { parseConfigFile } from "../../../shared/config/read-file.ts";
import { routesOf, targetsFor } from "../../../shared/routes/route.ts";
import { notifySchema } from "../../../shared/routes/routes.ts";
import { actionEvent, incidentEvent } from "./events.ts";

const notify = (section: object) => notifySchema.parse(section);
const BEGIN = incidentEvent(1, "begin").notification;
const sns = (topic: string) => [{ sns: topic }];

/** The names of the routes that take a notification about `stream/orders`, critical, on a Saturday at 10:43 UTC. */
const taking = (routes: object[], groups = {}) =>
  routesOf(BEGIN, notify({ groups, routes })).map(({ name }) => name);

describe("a route", () => {
  test.each([
    [
      "by its automation",
      { automations: ["check-sites"] },
      { automations: ["check-sites", "reshard-streams"] },
    ],
    ["by its resource", { resources: ["stream/clicks-*"] }, { resources: ["site/*", "stream/ord*"] }],
    ["by a group of resources", { groups: ["office"] }, { groups: ["money"] }],
    ["by its time", { windows: ["Mon-Fri 00:00-24:00 UTC"] }, { windows: ["Sat 10:00-11:00 UTC"] }],
  ])("is chosen %s", (_, not, yes) => {
    const groups = { money: ["stream/orders"], office: ["site/*"] };
    expect(taking([{ name: "a", ...not, to: sns("a") }], groups)).toEqual([]);
    expect(taking([{ name: "a", ...yes, to: sns("a") }], groups)).toEqual(["a"]);
  });
  it("takes its severity and the more urgent ones", () => {
    const config = notify({ routes: [{ name: "a", minSeverity: "error", to: sns("a") }] });
    const taken = (["critical", "error", "warning", "info"] as const).filter(
      (severity) => routesOf({ ...BEGIN, severity }, config).length > 0,
    );
    expect(taken).toEqual(["critical", "error"]);
  });
  it("knows the group of a site", () => {
    const config = notify({ routes: [{ name: "a", groups: ["shops"], to: sns("a") }] });
    expect(routesOf({ ...BEGIN, group: "shops" }, config)).toHaveLength(1);
  });
  it("takes it from those that come after, unless it says so", () => {
    const [first, second] = [
      { name: "a", to: sns("a") },
      { name: "b", to: sns("b") },
    ];
    expect(taking([first, second])).toEqual(["a"]);
    expect(taking([{ ...first, continue: true }, second])).toEqual(["a", "b"]);
    expect(taking([{ name: "none", to: [{ none: true }] }, second])).toEqual(["none"]);
  });
  it("has each target once, whichever routes name it", () => {
    const config = notify({
      routes: [
        { name: "a", to: sns("x"), continue: true },
        { name: "b", to: [...sns("x"), ...sns("y")] },
      ],
    });
    expect(targetsFor(BEGIN, config).map((target) => target.sns)).toEqual(["x", "y"]);
  });
});

describe("what a run has for one target", () => {
  const claimed = (count: number) =>
    Array.from({ length: count }, (_, at) => ({
      target: "x",
      events: [actionEvent({ id: `a${at}` })],
      mayBeRepeat: false,
    }));
  const sizes = (to: object, count: number) => {
    const [target] = targetsFor(BEGIN, notify({ routes: [{ name: "a", to: [to] }] }));
    return target ? deliveriesOf(target, claimed(count)).map(({ events }) => events.length) : [];
  };
  const secret = { ssm: "/x" };
  test.each([
    ["a chat by webhook", { slack: { webhook: secret } }, 3, [3]],
    ["mail", { email: ["a@example.com"] }, 3, [3]],
    ["a topic", { sns: "x" }, 3, [3]],
    ["a thread", { slack: { topic: "x" } }, 3, [1, 1, 1]],
    ["a thread that would be flooded", { teams: { topic: "x" } }, 6, [6]],
    ["a pager", { pagerduty: { routingKey: secret } }, 6, [1, 1, 1, 1, 1, 1]],
    ["a webhook", { webhook: { url: "https://x.example", secret } }, 2, [1, 1]],
    ["a bus", { eventbridge: { bus: "x" } }, 2, [1, 1]],
  ])("is sent to %s as it is read there", (_, to, count, expected) => {
    expect(sizes(to, count)).toEqual(expected);
  });
});

test("a message that failed comes again later each time, within the queue's day", () => {
  const longest = Array.from({ length: 100 }, (_, at) => retryAfterSeconds(at + 1, 0, 1));
  expect(longest.slice(0, 8)).toEqual([10, 20, 40, 80, 160, 320, 640, 900]);
  expect(Math.max(...longest)).toBe(900);
  const hours =
    Array.from({ length: 100 }, (_, at) => retryAfterSeconds(at + 1, 0, 0.5)).reduce((a, b) => a + b, 0) /
    3600;
  expect(hours).toBeGreaterThan(12);
  expect(hours).toBeLessThan(26);
  expect([retryAfterSeconds(1, 30, 1), retryAfterSeconds(1, 5000, 1)]).toEqual([30, 900]);
});

describe("the section notify", () => {
  /** What `check-config` says of it. */
  const problems = (yaml: string): readonly string[] => {
    const parsed = parseSection(parseConfigFile(`notify:\n  ${yaml}`, "prod.yml"), "notify", notifySchema);
    return "problems" in parsed ? parsed.problems : [];
  };
  test.each([
    [
      "routes: [{ name: a, to: [{ pagerduti: {} }] }]",
      "prod.yml:2:30: notify.routes.0.to.0.pagerduti: is no key here",
    ],
    [
      "routes: [{ name: a, to: [{ slack: { webhook: https://hooks.slack.com/x } }] }]",
      'notify.routes.0.to.0.slack.webhook: found "[hidden]"',
    ],
    ["routes: [{ name: a, to: [{ slack: {} }] }]", "expected topic or webhook, one of the two"],
    ["routes: [{ name: a, to: [{ sns: x, email: [a@example.com] }] }]", "expected one of none, sns, email"],
    ["routes: [{ name: a, to: nobody }]", 'notify.routes.0.to: found "nobody", expected a list'],
    [
      "routes: [{ name: a, windows: [Mon-Fri], to: [{ none: true }] }]",
      'notify.routes.0.windows.0: found "Mon-Fri"',
    ],
    [
      "routes: [{ name: a, minSeverity: high, to: [{ none: true }] }]",
      'found "high", expected "critical" or "error"',
    ],
    [
      "routes: [{ name: a, to: [{ none: true }] }, { name: a, to: [{ none: true }] }]",
      "expected routes with names of their own",
    ],
    ["routes: [{ to: [{ none: true }] }]", "notify.routes.0.name: is missing"],
    ["allow: [intranet]", 'notify.allow.0: found "intranet", expected an address range'],
  ])("%s: says what is wrong, and where", (yaml, expected) => {
    expect(problems(yaml).join("\n")).toContain(expected);
  });
});
