import { MINUTE_MS } from "../history/history.ts";

/** One minute of a cluster, as Container Insights has it: means over its nodes. */
export interface NodeMinute {
  /** The minute's beginning, ms since the epoch. */
  readonly at: number;
  readonly nodes: number;
  /** What pods request, in percent of the nodes' capacity. */
  readonly cpuReserved: number;
  readonly memoryReserved: number;
  /** Pods that run, in the whole cluster. */
  readonly pods?: number;
  /** Of one node: thousandths of a core, and bytes. */
  readonly cpuLimit?: number;
  readonly memoryLimit?: number;
  readonly failedNodes?: number;
}

/** What is known of a cluster's past. */
export interface ClusterHistory {
  readonly cluster: string;
  /** Where it is from, for the report. */
  readonly source: string;
  /** Begin of the first minute, and end of the last, ms since the epoch. */
  readonly from: number;
  readonly to: number;
  /** The minutes with nodes and both reservations, oldest first. */
  readonly recorded: readonly NodeMinute[];
  /** What the source said about itself. */
  readonly notes: readonly string[];
}

/** Every minute of the history: one without a datapoint is like the last before it. */
export function everyMinute({ from, to, recorded }: ClusterHistory): NodeMinute[] {
  const known = new Map(recorded.map((minute) => [minute.at, minute]));
  const minutes: NodeMinute[] = [];
  let last = recorded[0];
  for (let at = from; at < to && last; at += MINUTE_MS) {
    last = known.get(at) ?? { ...last, at };
    minutes.push(last);
  }
  return minutes;
}

/** What the nodes of a history are like. */
export interface NodeSize {
  readonly milliCpu: number;
  readonly memory: number;
  /** False where the history has no limits: then a node is a hundred thousand units of each, and its true size is not known. */
  readonly isKnown: boolean;
}

const UNKNOWN: NodeSize = { milliCpu: 100_000, memory: 100_000, isKnown: false };

/** One node's size: the middle of what the minutes have. */
export function nodeSizeOf(minutes: readonly NodeMinute[]): NodeSize {
  const milliCpu = middleOf(minutes.flatMap(({ cpuLimit }) => cpuLimit ?? []));
  const memory = middleOf(minutes.flatMap(({ memoryLimit }) => memoryLimit ?? []));
  return milliCpu > 0 && memory > 0 ? { milliCpu, memory, isKnown: true } : UNKNOWN;
}

const middleOf = (values: readonly number[]): number =>
  Math.round(values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0);

/** How long a history is. */
export const minutesIn = ({ from, to }: Pick<ClusterHistory, "from" | "to">): number =>
  (to - from) / MINUTE_MS;
