import fc from "fast-check";
import type { Mishap } from "../gate.ts";
import type { Feature } from "./features.ts";

/** One random world and what happens in it. */
export interface LoopCase {
  readonly workers: WorkersCase;
  readonly second: SecondCase | undefined;
  readonly nodes: NodesCase;
  readonly apps: readonly AppCase[];
  readonly minutes: readonly MinuteCase[];
}

/** The first pool: one group a zone. */
export interface WorkersCase {
  readonly min: number;
  readonly max: number;
  /** Of each group. */
  readonly groupMax: number;
  readonly warmPool: boolean;
}

/** A second pool that begins empty: one group in the first zone, or a managed node group over all. */
export interface SecondCase {
  readonly kind: "single" | "managed";
  readonly instanceType: "m5.large" | "m5.xlarge";
  /** Only pods that ask for it go there. */
  readonly dedicated: boolean;
  /** Its nodes get a device some time after they are ready. */
  readonly devices: boolean;
}

/** How nodes start. */
export interface NodesCase {
  readonly readyAfterSeconds: number;
  /** A plugin's taint stays so long; none when undefined. */
  readonly taintSeconds: number | undefined;
  /** Every node runs an agent that takes a host port. */
  readonly agentPort: boolean;
}

export type AppKind =
  | "plain"
  | "host-port"
  | "agent-port"
  | "apart"
  | "spread"
  | "volume"
  | "storage"
  | "device"
  | "dedicated"
  | "important"
  | "tolerates-all"
  | "gated"
  | "huge"
  | "missing-claim";

export interface AppCase {
  readonly kind: AppKind;
  readonly milliCpu: number;
  /** How long a pod takes to end. */
  readonly stopSeconds: number;
  /** How many pods may be missing. */
  readonly slack: number;
  /** All its pods have to be in this zone. */
  readonly zone: number | undefined;
}

/** What happens in one minute, beside the schedule's ticks. */
export interface MinuteCase {
  /** New numbers of pods, by the app's place. */
  readonly replicas: readonly (number | undefined)[];
  /** The zone that gives no more instances from now on; the others do. */
  readonly exhausted: number | undefined;
  /** Runs of scale-node-pools at the same time. */
  readonly runs: number;
  /** How often an order for drain-nodes is delivered. */
  readonly deliveries: number;
  /** Orders are delivered some minutes late. */
  readonly lateOrders: number;
  readonly mishaps: readonly (Mishap | undefined)[];
  /** AWS takes this instance back, by its place in the list of nodes. */
  readonly interrupted: number | undefined;
  /** AWS recommends to replace these, all at once. */
  readonly rebalanced: readonly number[];
  /** Instances launched from this minute on join no cluster. */
  readonly neverJoin: boolean;
  /** What becomes of a node, by its place. */
  readonly lost: { readonly node: number; readonly how: "object-gone" | "kubelet-dies" } | undefined;
  /** A person uncordons the first node that is being drained. */
  readonly uncordon: boolean;
  /** Somebody writes a mark on one node that names the instance of another. */
  readonly forged: { readonly node: number; readonly target: number } | undefined;
}

const maybe = <T>(value: fc.Arbitrary<T>, freq: number): fc.Arbitrary<T | undefined> =>
  fc.option(value, { nil: undefined, freq });

const mishap: fc.Arbitrary<Mishap | undefined> = fc.option(
  fc.record({ call: fc.nat(30), kind: fc.constantFrom("crash-before" as const, "crash-after" as const) }),
  { nil: undefined, freq: 3 },
);

/** Only with the feature; otherwise always `otherwise`. */
const when = <T>(has: boolean, value: fc.Arbitrary<T>, otherwise: T): fc.Arbitrary<T> =>
  has ? value : fc.constant(otherwise);

const KINDS: Readonly<Partial<Record<AppKind, Feature>>> = {
  "host-port": "host-port",
  "agent-port": "daemon-host-port",
  apart: "anti-affinity",
  spread: "topology-spread",
  volume: "volumes",
  storage: "ephemeral-storage",
  device: "late-devices",
  important: "priority",
  "tolerates-all": "tolerates-all",
  gated: "gated",
  huge: "fits-no-pool",
  "missing-claim": "missing-claim",
};

/** Random worlds with these features. */
export function loopCase(features: ReadonlySet<Feature>): fc.Arbitrary<LoopCase> {
  const has = (feature: Feature): boolean => features.has(feature);
  const kinds = Object.entries(KINDS)
    .filter(([, feature]) => has(feature))
    .map(([kind]) => kind as AppKind);
  return fc.record({
    workers: fc.record({
      min: fc.nat(3),
      max: fc.integer({ min: 5, max: 12 }),
      groupMax: fc.integer({ min: 2, max: 5 }),
      warmPool: when(has("warm-pool"), fc.boolean(), false),
    }),
    second: maybe(
      fc.record({
        kind: when<SecondCase["kind"]>(has("managed-group"), fc.constantFrom("single", "managed"), "single"),
        instanceType: fc.constantFrom<SecondCase["instanceType"][]>("m5.large", "m5.xlarge"),
        dedicated: fc.boolean(),
        devices: when(has("late-devices"), fc.boolean(), false),
      }),
      1,
    ),
    nodes: fc.record({
      readyAfterSeconds: when(has("startup-taints"), fc.constantFrom(0, 20, 40), 0),
      taintSeconds: when(has("startup-taints"), maybe(fc.constantFrom(30, 90, 150), 1), undefined),
      agentPort: when(has("daemon-host-port"), fc.boolean(), false),
    }),
    apps: fc.array(
      fc.record({
        kind: fc.oneof(
          { weight: 3, arbitrary: fc.constant<AppKind>("plain") },
          { weight: 3, arbitrary: fc.constantFrom<AppKind[]>("dedicated", ...kinds) },
        ),
        milliCpu: fc.constantFrom(100, 400, 900),
        stopSeconds: fc.constantFrom(1, 20, 90),
        slack: fc.integer({ min: 1, max: 3 }),
        zone: maybe(fc.nat(2), 1),
      }),
      { minLength: 1, maxLength: 4 },
    ),
    minutes: fc.array(minuteCase(features), { minLength: 1, maxLength: 8 }),
  });
}

function minuteCase(features: ReadonlySet<Feature>): fc.Arbitrary<MinuteCase> {
  const has = (feature: Feature): boolean => features.has(feature);
  const ways = [
    ...(has("node-object-gone") ? (["object-gone"] as const) : []),
    ...(has("kubelet-dies") ? (["kubelet-dies"] as const) : []),
  ];
  return fc.record({
    replicas: fc.array(maybe(fc.nat(9), 2), { minLength: 4, maxLength: 4 }),
    exhausted: maybe(fc.nat(2), 1),
    runs: fc.integer({ min: 1, max: 2 }),
    deliveries: fc.integer({ min: 1, max: 2 }),
    lateOrders: when(has("late-orders"), fc.constantFrom(0, 0, 0, 2, 5), 0),
    mishaps: fc.array(mishap, { minLength: 6, maxLength: 6 }),
    interrupted: maybe(fc.nat(8), 5),
    rebalanced: when<readonly number[]>(
      has("rebalance-storm"),
      fc.oneof(
        { weight: 5, arbitrary: fc.constant<number[]>([]) },
        { weight: 1, arbitrary: fc.uniqueArray(fc.nat(8), { minLength: 2, maxLength: 6 }) },
      ),
      [],
    ),
    neverJoin: when(has("never-joins"), fc.constantFrom(false, false, false, true), false),
    lost:
      ways.length === 0
        ? fc.constant(undefined)
        : maybe(fc.record({ node: fc.nat(8), how: fc.constantFrom(...ways) }), 5),
    uncordon: when(has("person-uncordons"), fc.constantFrom(false, false, true), false),
    forged: when<MinuteCase["forged"]>(
      has("forged-marks"),
      maybe(fc.record({ node: fc.nat(8), target: fc.nat(8) }), 5),
      undefined,
    ),
  });
}

/** A minute in which nothing happens. */
export const QUIET: MinuteCase = {
  replicas: [],
  exhausted: undefined,
  runs: 1,
  deliveries: 1,
  lateOrders: 0,
  mishaps: [],
  interrupted: undefined,
  rebalanced: [],
  neverJoin: false,
  lost: undefined,
  uncordon: false,
  forged: undefined,
};
