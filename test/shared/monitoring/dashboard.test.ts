import { describe, expect, it } from "vitest";
import {
  type CheckedBody,
  checkedDashboardBody,
  metricCount,
} from "../../../sandbox/cloudwatch/dashboard-body.ts";
import { dashboardBody, LIMITS, SHOWN } from "../../../shared/monitoring/dashboard.ts";
import { reflexMetric } from "../../../shared/monitoring/metric.ts";
import type { DashboardSection, Graph } from "../../../shared/monitoring/section.ts";

/** The body as CloudWatch gets it. */
function deployed(sections: readonly DashboardSection[], alarms: readonly string[] = []): CheckedBody {
  const text = JSON.stringify(dashboardBody(alarms, sections, "test"))
    .replaceAll("${AWS::Region}", "eu-west-1")
    .replaceAll("${AWS::AccountId}", "111122223333")
    .replaceAll("${AWS::Partition}", "aws");
  return checkedDashboardBody(text);
}

const graph = (title: string): Graph => ({
  title,
  lines: [{ metric: reflexMetric("check-sites", "Up", "Average", { Site: title }) }],
});
const sites = (count: number): DashboardSection => ({
  title: "Sites",
  resources: Array.from({ length: count }, (_, at) => ({
    name: `s${at}`,
    graphs: [graph(`s${at} up`), graph(`s${at} ms`)],
  })),
});
const titles = ({ widgets }: CheckedBody) =>
  widgets.flatMap((one) => (one.type === "metric" ? [one.properties.title] : []));
const texts = ({ widgets }: CheckedBody) =>
  widgets.flatMap((one) => (one.type === "text" ? [one.properties.markdown] : []));

describe("a dashboard", () => {
  it("with nothing to show is one that CloudWatch takes", () => {
    expect(deployed([]).widgets).toEqual([]);
  });

  it("has the alarms first, as many widgets as they need", () => {
    const names = Array.from({ length: LIMITS.alarmsOfWidget + 1 }, (_, at) => `a${at}`);
    const alarms = deployed([sites(1)], names).widgets.flatMap((one) =>
      one.type === "alarm" ? [one.properties.alarms] : [],
    );
    expect(alarms.map(({ length }) => length)).toEqual([LIMITS.alarmsOfWidget, 1]);
    expect(alarms[0]?.[0]).toBe("arn:aws:cloudwatch:eu-west-1:111122223333:alarm:reflex-test-watch-a0");
  });

  it("has a resource's graphs side by side, in the order of the config", () => {
    const { widgets } = deployed([sites(2)]);
    expect(widgets.filter(({ type }) => type === "metric").map(({ x, y }) => [x, y])).toEqual([
      [0, 1],
      [12, 1],
      [0, 7],
      [12, 7],
    ]);
  });

  it("lays no widget over another", () => {
    const { widgets } = deployed([sites(5), sites(3)], ["one"]);
    const cells = widgets.flatMap(({ x, y, width, height }) =>
      Array.from({ length: width * height }, (_, at) => `${x + (at % width)},${y + Math.floor(at / width)}`),
    );
    expect(new Set(cells).size).toBe(cells.length);
  });

  it("draws a metric with its dimensions, statistic and axis, and math with its id", () => {
    const metric = reflexMetric("reshard-streams", "OpenShardCount", "Maximum", { StreamName: "orders" });
    const { widgets } = deployed([
      {
        title: "Streams",
        graphs: [
          {
            title: "orders",
            lines: [
              { metric, id: "open", hidden: true },
              { expression: "DIFF(open)", id: "change", label: "reshard", axis: "right" },
            ],
          },
        ],
      },
    ]);
    expect(widgets.at(1)).toMatchObject({
      properties: {
        region: "eu-west-1",
        metrics: [
          [
            "Reflex",
            "OpenShardCount",
            "service",
            "reshard-streams",
            "StreamName",
            "orders",
            { stat: "Maximum", id: "open", visible: false },
          ],
          [{ expression: "DIFF(open)", id: "change", label: "reshard", yAxis: "right" }],
        ],
      },
    });
  });
});

describe("a section with more resources than a dashboard can show", () => {
  it("shows the first of them, and names the others", () => {
    const body = deployed([sites(SHOWN + 2)]);
    expect(titles(body)).toHaveLength(2 * SHOWN);
    expect(titles(body)[0]).toBe("s0 up");
    expect(texts(body).at(-1)).toContain(`2 more: s${SHOWN}, s${SHOWN + 1}.`);
  });

  it("names a hundred of very many", () => {
    expect(texts(deployed([sites(5000)])).at(-1)?.length).toBeLessThan(1000);
  });

  it("shows all of them where there are just as many", () => {
    const body = deployed([sites(SHOWN)]);
    expect(titles(body)).toHaveLength(2 * SHOWN);
    expect(texts(body)).toEqual(["## Sites"]);
  });
});

describe("what CloudWatch would not take is refused", () => {
  const widget = { type: "metric", x: 0, y: 0, width: 12, height: 6 };
  const properties = { region: "eu-west-1", metrics: [["Reflex", "Up"]] };
  const body = (...widgets: readonly object[]) => JSON.stringify({ widgets });

  it.each([
    ["what is no JSON", "{"],
    ["a body without widgets", "{}"],
    ["a widget without a region", body({ ...widget, properties: { metrics: [["Reflex", "Up"]] } })],
    [
      "a placeholder nobody filled in",
      body({ ...widget, properties: { ...properties, region: "${AWS::Region}" } }),
    ],
    [
      "a dimension without a value",
      body({ ...widget, properties: { ...properties, metrics: [["R", "Up", "Site"]] } }),
    ],
    ["a widget beyond the last column", body({ ...widget, x: 13, properties })],
    [
      "an id that math cannot name",
      body({ ...widget, properties: { ...properties, metrics: [["R", "Up", { id: "1" }]] } }),
    ],
    ["501 widgets", body(...Array.from({ length: 501 }, () => ({ ...widget, properties })))],
    [
      "2,501 metrics",
      body(
        ...Array.from({ length: 6 }, () => ({
          ...widget,
          properties: { ...properties, metrics: Array.from({ length: 417 }, () => ["Reflex", "Up"]) },
        })),
      ),
    ],
  ])("%s", (_, text) => {
    expect(() => checkedDashboardBody(text)).toThrow(/DashboardBody is not valid/);
  });

  it("2,500 metrics in 500 widgets are taken", () => {
    const full = body(
      ...Array.from({ length: 500 }, () => ({
        ...widget,
        properties: { ...properties, metrics: Array.from({ length: 5 }, () => ["Reflex", "Up"]) },
      })),
    );
    expect(metricCount(checkedDashboardBody(full))).toBe(2500);
  });
});
