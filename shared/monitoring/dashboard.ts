import { alarmArn } from "./alarm.ts";
import type { DashboardSection, Graph, Line } from "./section.ts";

/**
 * CloudWatch's own limits.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_limits.html
 */
export const LIMITS = { widgets: 500, metrics: 2500, metricsOfWidget: 500, alarmsOfWidget: 100 } as const;

/** Resources of a section that have graphs of their own; four sections of them stay far below the limits. */
export const SHOWN = 50;

const WIDTH = 24;
const GRAPH = { width: 12, height: 6 } as const;

interface Widget {
  readonly type: "metric" | "text" | "alarm";
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly properties: Readonly<Record<string, unknown>>;
}

export interface DashboardBody {
  readonly start: string;
  readonly periodOverride: "auto";
  readonly widgets: readonly Widget[];
}

/** What becomes the region or an ARN when the stack is made: `${AWS::Region}` and the like. */
const REGION = "${AWS::Region}";

/**
 * The dashboard's body, for `Fn::Sub`: alarms first, then the sections. Of a section with more than `SHOWN` resources
 * the first ones have graphs, and the names of the others stand below them.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html
 */
export function dashboardBody(
  alarms: readonly string[],
  sections: readonly DashboardSection[],
  stage: string,
): DashboardBody {
  const page = createPage();
  for (let from = 0; from < alarms.length; from += LIMITS.alarmsOfWidget) {
    const part = alarms.slice(from, from + LIMITS.alarmsOfWidget);
    page.add("alarm", WIDTH, 2 + Math.ceil(part.length / 6), {
      title: "Alarms on Reflex",
      alarms: part.map((name) => alarmArn(stage, name)["Fn::Sub"]),
    });
  }
  for (const section of sections) addSection(page, section);
  return { start: "-PT6H", periodOverride: "auto", widgets: page.widgets };
}

function addSection(page: Page, { title, text, graphs = [], resources = [] }: DashboardSection): void {
  page.add("text", WIDTH, text === undefined ? 1 : 2, { markdown: `## ${title}${text ? `\n${text}` : ""}` });
  for (const graph of graphs) page.add("metric", GRAPH.width, GRAPH.height, propertiesOf(graph));
  for (const resource of resources.slice(0, SHOWN)) {
    for (const graph of resource.graphs) page.add("metric", GRAPH.width, GRAPH.height, propertiesOf(graph));
  }
  const others = resources.slice(SHOWN).map(({ name }) => name);
  if (others.length > 0) page.add("text", WIDTH, 2, { markdown: leftOut(others) });
}

/** CloudWatch's text widgets are for some words, not for thousands of names. */
const NAMED = 100;

function leftOut(names: readonly string[]): string {
  const named = names.slice(0, NAMED).join(", ");
  return `Without graphs here, ${names.length} more: ${named}${names.length > NAMED ? ", …" : ""}. Their metrics are in the namespace Reflex.`;
}

interface Page {
  readonly widgets: Widget[];
  /** To the right of what was added last, if there is room. */
  add(type: Widget["type"], width: number, height: number, properties: Widget["properties"]): void;
}

function createPage(): Page {
  const widgets: Widget[] = [];
  let x = 0;
  let y = 0;
  let rowHeight = 0;
  return {
    widgets,
    add(type, width, height, properties) {
      if (x + width > WIDTH) {
        x = 0;
        y += rowHeight;
        rowHeight = 0;
      }
      widgets.push({ type, x, y, width, height, properties });
      x += width;
      rowHeight = Math.max(rowHeight, height);
    },
  };
}

function propertiesOf({ title, lines, left, right, stacked = false, levels = [] }: Graph) {
  return {
    title,
    region: REGION,
    view: "timeSeries",
    stacked,
    period: 60,
    metrics: lines.map(row),
    ...((left || right) && {
      yAxis: {
        ...(left && { left: { ...left, showUnits: false } }),
        ...(right && { right: { ...right, showUnits: false } }),
      },
    }),
    ...(levels.length > 0 && {
      annotations: {
        horizontal: levels.map(({ label, value, axis }) => ({ label, value, ...(axis && { yAxis: axis }) })),
      },
    }),
  };
}

function row(line: Line): readonly unknown[] {
  const { label, axis, color, id } = line;
  const style = {
    ...(label !== undefined && { label }),
    ...(axis && { yAxis: axis }),
    ...(color !== undefined && { color }),
    ...(id !== undefined && { id }),
  };
  if ("expression" in line) return [{ expression: line.expression, ...style }];
  const { namespace, name, dimensions, stat } = line.metric;
  return [
    namespace,
    name,
    ...Object.entries(dimensions).flat(),
    { stat, ...style, ...(line.hidden && { visible: false }) },
  ];
}
