import { describe, expect, it } from "vitest";
import { PHASE_METRICS } from "../../functions/check-sites/run/metrics.ts";
import {
  type CheckedBody,
  checkedDashboardBody,
  metricCount,
} from "../../sandbox/cloudwatch/dashboard-body.ts";
import { findAutomations } from "../../scripts/automations.ts";
import type { ServiceConfig } from "../../scripts/checked-config.ts";
import { functionFiles, stageInfo } from "../../scripts/stack/function-files.ts";
import { monitoringOf, monitoringResources } from "../../scripts/stack/monitoring.ts";
import { codeIn, configIn, configWith, INFO, ROOT, STAGE, watched } from "./watched.ts";

function resources({ automations }: ServiceConfig, emails: readonly string[] = []) {
  return monitoringResources(monitoringOf(automations, INFO), { emails, dashboard: true }, STAGE);
}

function dashboard(config: ServiceConfig): CheckedBody {
  const properties = Object(resources(config).Dashboard?.Properties);
  const text = String(properties.DashboardBody["Fn::Sub"])
    .replaceAll("${AWS::Region}", "eu-west-1")
    .replaceAll("${AWS::AccountId}", "111122223333")
    .replaceAll("${AWS::Partition}", "aws");
  return checkedDashboardBody(text);
}

const many = (count: number, one: (at: number) => object) =>
  Object.fromEntries(Array.from({ length: count }, (_, at) => [`res${at}`, one(at)]));

/** So many streams, sites, pools and landed streams. */
const config = (count: number): ServiceConfig =>
  configWith({
    streams: many(count, () => ({ max: 4, reads: true })),
    sites: { list: many(count, () => ({ url: "https://example.com" })) },
    nodePools: many(count, (at) => ({ cluster: "main", autoScalingGroups: [`g${at}`] })),
    ingest: {
      tables: many(count, () => ({ partitionKey: "id" })),
      streams: many(count, (at) => ({ table: `res${at}`, mode: "append", id: "id" })),
    },
  });

const PHASES = new Set<string>(PHASE_METRICS.map(([, name]) => name));

const titlesOf = ({ widgets }: CheckedBody): string[] =>
  widgets.flatMap((one) => (one.type === "metric" ? [one.properties.title ?? ""] : []));

describe("the dashboard", () => {
  it.each([0, 1, 60, 1000])(
    "of %i streams, sites, pools and landed streams is within CloudWatch's limits",
    (count) => {
      const body = dashboard(config(count));
      expect(body.widgets.length).toBeLessThanOrEqual(500);
      expect(metricCount(body)).toBeLessThanOrEqual(2500);
    },
  );

  it("has graphs of everything that a config names", async () => {
    const titles = titlesOf(dashboard(await configIn("test/e2e/setup/everything.yml")));
    expect(titles).toEqual(
      expect.arrayContaining([
        "Errors",
        "Duration, the longest",
        "orders: traffic against capacity",
        "Open shards of every stream",
        "shop: what a check took",
        "workers: nodes",
        "payments: how far behind",
        "Messages waiting",
      ]),
    );
    expect(new Set(titles).size).toBe(titles.length);
  });

  it("marks a stream's reshards where its capacity changes", async () => {
    const { widgets } = dashboard(await configIn("test/e2e/setup/everything.yml"));
    const graph = widgets.find(
      (one) => one.type === "metric" && one.properties.title === "orders: traffic against capacity",
    );
    expect(JSON.stringify(graph)).toContain('"expression":"DIFF(capacity)"');
  });

  it("shows only metrics that the automation publishes under that name", async () => {
    const { widgets } = dashboard(await configIn("test/e2e/setup/everything.yml"));
    const shown = widgets.flatMap((one) => (one.type === "metric" ? one.properties.metrics : []));
    const own = shown.flatMap((row) => {
      const [namespace, name, , service] = row;
      return namespace === "Reflex" ? [`${service} ${name}`] : [];
    });
    expect(own.length).toBeGreaterThan(20);
    const unknown = [...new Set(own)].filter((metric) => {
      const [service = "", name = ""] = metric.split(" ");
      return (
        !PHASES.has(name) &&
        !new RegExp(`\\b${name}\\b`).test(codeIn(service === "reflex" ? "shared" : `functions/${service}`))
      );
    });
    expect(unknown).toEqual([]);
  });

  it("is the same for the same config: a second deploy changes nothing", () => {
    expect(resources(config(3))).toEqual(resources(config(3)));
  });
});

describe("the topic", () => {
  it("has no key of its own, and CloudWatch may publish to it", () => {
    const { WatchTopic, WatchTopicPolicy, ...others } = resources(config(0));
    expect(WatchTopic?.Properties).toEqual({ TopicName: `reflex-${STAGE}-watch` });
    expect(Object.values(others).filter(({ Type }) => Type === "AWS::KMS::Key")).toEqual([]);
    expect(JSON.stringify(WatchTopicPolicy)).toContain(
      '{"Service":"cloudwatch.amazonaws.com"},"Action":"sns:Publish"',
    );
  });

  it("is sent to the addresses of the config", () => {
    const mails = Object.values(resources(config(0), ["a@example.com", "b@example.com"])).filter(
      ({ Type }) => Type === "AWS::SNS::Subscription",
    );
    expect(mails.map(({ Properties }) => Properties)).toEqual([
      { TopicArn: { Ref: "WatchTopic" }, Protocol: "email", Endpoint: "a@example.com" },
      { TopicArn: { Ref: "WatchTopic" }, Protocol: "email", Endpoint: "b@example.com" },
      { TopicArn: { Ref: "TicketTopic" }, Protocol: "email", Endpoint: "a@example.com" },
      { TopicArn: { Ref: "TicketTopic" }, Protocol: "email", Endpoint: "b@example.com" },
    ]);
  });
});

describe("a dashboard that the config does not ask for", () => {
  it("is not there", () => {
    const { automations, monitoring } = config(3);
    const made = monitoringResources(monitoringOf(automations, INFO), { emails: [], ...monitoring }, STAGE);
    expect(made).not.toHaveProperty("Dashboard");
  });
});

describe("what is watched", () => {
  it("is every function that is deployed: that its sweep runs, its errors, or that it lands what comes", async () => {
    const { alarms } = await watched();
    const names = new Set(alarms.map(({ name }) => name));
    // One in another region has no alarms there: the notification of a failure says that it did not answer.
    const elsewhere = (await findAutomations(ROOT)).flatMap(
      ({ otherRegions }) => otherRegions?.functions ?? [],
    );
    const here = [...functionFiles(ROOT).keys()].filter((name) => !elsewhere.includes(name));
    const landing = [...names].some((name) => name.startsWith("slo-landing-"));
    const missing = here.filter(
      (each) =>
        !names.has(`slo-runs-${each}`) &&
        !names.has(`${each}-errors`) &&
        !(each === "ingest-events" && landing),
    );
    expect(functionFiles(ROOT).size).toBeGreaterThan(0);
    expect(missing).toEqual([]);
  });

  it("needs a function.yml for each function, and says so", () => {
    expect(() => monitoringOf(config(1).automations, stageInfo(STAGE, new Map()))).toThrow(
      /no function.yml declares termination-policy/,
    );
  });
});
