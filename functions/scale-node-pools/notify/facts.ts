import type { Evidence } from "../../../shared/ledger/entry.ts";
import type { Notification } from "../../../shared/notify/notification.ts";
import { count } from "../model/wording.ts";

type Fact = Notification["work"][number];

/** Of what the pods of a pool wait for. */
export function podsFact({ pendingPods, unplacedPods, unschedulablePods }: Evidence): Fact {
  const name = "Pods";
  if (pendingPods === undefined) return { name, value: "not read: the pool is sized from metrics" };
  if (typeof pendingPods !== "number") return { name, value: "not counted: another scaler manages the pool" };
  const without = Number(unplacedPods ?? 0);
  const unplaced = without > 0 ? [`${without} of them with none on its way`] : [];
  const helpless = Number(unschedulablePods ?? 0);
  const unschedulable = helpless > 0 ? [`${waitFor(helpless)}, and no node helps`] : [];
  const waiting = pendingPods > 0 ? [`${waitFor(pendingPods)} for a node`] : [];
  const all = [...waiting, ...unplaced, ...unschedulable];
  return { name, value: all.length > 0 ? all.join(", ") : "none waits for a node" };
}

const waitFor = (pods: number): string => `${count(pods, "pod")} ${pods === 1 ? "waits" : "wait"}`;

/** The numbers of a decision in words. What is not there, or none of, is left out. */
export function factsOf(evidence: Evidence): readonly Fact[] {
  const { min, max } = evidence;
  return [
    ...Object.entries(NUMBERS).flatMap(([key, name]) => {
      const value = evidence[key];
      if (value === undefined) return [];
      return value === 0 && !ALWAYS.has(key) ? [] : [{ name, value: shown(value) }];
    }),
    ...Object.entries(PERCENTS).flatMap(([key, name]) =>
      typeof evidence[key] === "number" ? [{ name, value: `${evidence[key]} %` }] : [],
    ),
    ...(min === undefined || max === undefined ? [] : [{ name: "Bounds", value: `${min} to ${max} nodes` }]),
    ...(evidence.window === undefined ? [] : [{ name: "Time window", value: shown(evidence.window) }]),
  ];
}

const NUMBERS: Readonly<Record<string, string>> = {
  nodes: "Nodes",
  schedulable: "Nodes that take pods",
  joining: "Nodes that are joining",
  unlaunched: "Nodes ordered and not launched",
  draining: "Nodes being drained",
  cordoned: "Nodes that somebody cordoned",
  notReady: "Nodes not ready",
};
const ALWAYS: ReadonlySet<string> = new Set(["nodes", "schedulable"]);

const PERCENTS: Readonly<Record<string, string>> = {
  utilisationPercent: "Requested by pods, of what these nodes have",
  reservedCpuPercent: "CPU reserved by pods",
  reservedMemoryPercent: "Memory reserved by pods",
};

/** The keys that a notification has words for. */
export const WORDED_KEYS: readonly string[] = [
  ...Object.keys(NUMBERS),
  ...Object.keys(PERCENTS),
  ...["min", "max", "window", "pendingPods", "unplacedPods", "unschedulablePods"],
];

const shown = (value: Evidence[string]): string => (value === null ? "not known" : String(value));
