import type { Metric } from "./metric.ts";

/** A part of the dashboard: a heading, graphs of the whole, and graphs of each resource. */
export interface DashboardSection {
  readonly title: string;
  /** Markdown below the title: how to read it. */
  readonly text?: string;
  readonly graphs?: readonly Graph[];
  /** One a stream, site or pool, in the order of the config. */
  readonly resources?: readonly { readonly name: string; readonly graphs: readonly Graph[] }[];
}

export interface Graph {
  readonly title: string;
  readonly lines: readonly Line[];
  /** What the axes count, and where they begin and end. */
  readonly left?: Axis;
  readonly right?: Axis;
  readonly stacked?: boolean;
  /** Levels to compare with. */
  readonly levels?: readonly { readonly label: string; readonly value: number; readonly axis?: "right" }[];
}

export interface Axis {
  readonly label?: string;
  readonly min?: number;
  readonly max?: number;
}

interface LineStyle {
  readonly label?: string;
  /** Left when absent. */
  readonly axis?: "right";
  readonly color?: string;
}

/** A metric, perhaps only there for the math, or an expression over others. */
export type Line =
  | (LineStyle & { readonly metric: Metric; readonly id?: string; readonly hidden?: boolean })
  | (LineStyle & { readonly expression: string; readonly id?: string });

/** Colours with a meaning; all others are CloudWatch's choice. */
export const COLOURS = { capacity: "#2ca02c", bad: "#d62728", change: "#9467bd" } as const;
