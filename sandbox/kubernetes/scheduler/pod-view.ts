import type { NodeTerm } from "../../../shared/kubernetes/scheduling/node-term.ts";
import { nodeTermsShape } from "../../../shared/kubernetes/scheduling/node-term-shape.ts";
import type { LabelSelector } from "../../../shared/kubernetes/scheduling/selector.ts";
import { labelSelectorShape } from "../../../shared/kubernetes/scheduling/selector-shape.ts";
import { at, type KubeObject, numberAt, textAt } from "../object.ts";
import { type Amounts, listAt, requestsOf } from "./amounts.ts";

type Labels = Readonly<Record<string, string>>;

/** A pod as kube-scheduler reads it: from the raw object, whatever else of the project reads pods. */
export interface PodView {
  readonly object: KubeObject;
  readonly uid: string;
  readonly name: string;
  readonly namespace: string;
  readonly labels: Labels;
  /** Empty while it waits. */
  readonly nodeName: string;
  /** The node that preemption makes room on for it. */
  readonly nominatedNode: string;
  readonly priority: number;
  readonly preempts: boolean;
  readonly isTerminating: boolean;
  readonly isFinished: boolean;
  readonly gates: readonly string[];
  readonly requests: Amounts;
  readonly nodeSelector: Labels;
  readonly nodeTerms: readonly NodeTerm[];
  readonly tolerations: readonly Toleration[];
  readonly hostPorts: readonly HostPort[];
  /** Names of PersistentVolumeClaims. */
  readonly claims: readonly string[];
  readonly affinity: readonly AffinityTerm[];
  readonly antiAffinity: readonly AffinityTerm[];
  readonly spread: readonly SpreadConstraint[];
  /** The same for pods that are equal to the scheduler. */
  readonly shape: string;
}

export interface Toleration {
  readonly key: string;
  readonly operator: string;
  readonly value: string;
  readonly effect: string;
  readonly seconds: number | undefined;
}

export interface HostPort {
  readonly protocol: string;
  readonly port: number;
  /** `0.0.0.0` is every address. */
  readonly ip: string;
}

export interface AffinityTerm {
  readonly topologyKey: string;
  readonly selector: LabelSelector;
  readonly namespaces: readonly string[];
  /** Namespaces by their labels, beside those named. */
  readonly namespaceSelector: LabelSelector | undefined;
}

export interface SpreadConstraint {
  readonly topologyKey: string;
  readonly maxSkew: number;
  readonly minDomains: number;
  readonly selector: LabelSelector;
  readonly honorsTaints: boolean;
  readonly honorsAffinity: boolean;
}

const NOTHING: LabelSelector = {
  matchLabels: {},
  matchExpressions: [{ key: "metadata.name", operator: "In", values: [] }],
};
const views = new WeakMap<KubeObject, PodView>();

/** Objects are never changed in place, so each is read once. */
export function podView(object: KubeObject): PodView {
  const known = views.get(object);
  if (known) return known;
  const view = readPod(object);
  views.set(object, view);
  return view;
}

function readPod(object: KubeObject): PodView {
  const { uid, name, namespace = "", labels = {}, deletionTimestamp } = object.metadata;
  const { spec } = object;
  const own = { namespace, labels };
  const required = "requiredDuringSchedulingIgnoredDuringExecution";
  const terms = nodeTermsShape.safeParse(at(spec, `affinity.nodeAffinity.${required}`));
  return {
    object,
    uid,
    name,
    namespace,
    labels,
    nodeName: textAt(spec, "nodeName"),
    nominatedNode: textAt(object, "status.nominatedNodeName"),
    priority: numberAt(spec, "priority"),
    preempts: textAt(spec, "preemptionPolicy") !== "Never",
    isTerminating: deletionTimestamp !== undefined,
    isFinished: ["Succeeded", "Failed"].includes(textAt(object, "status.phase")),
    gates: listAt(spec, "schedulingGates").map((gate) => textAt(gate, "name")),
    requests: requestsOf(object),
    nodeSelector: labelsAt(spec, "nodeSelector"),
    nodeTerms: terms.success ? terms.data : [],
    tolerations: listAt(spec, "tolerations").map(readToleration),
    hostPorts: [...listAt(spec, "containers"), ...listAt(spec, "initContainers")].flatMap(portsOf),
    claims: listAt(spec, "volumes").flatMap(
      (volume) => textAt(volume, "persistentVolumeClaim.claimName") || [],
    ),
    affinity: listAt(spec, `affinity.podAffinity.${required}`).map((term) => readTerm(term, own)),
    antiAffinity: listAt(spec, `affinity.podAntiAffinity.${required}`).map((term) => readTerm(term, own)),
    spread: listAt(spec, "topologySpreadConstraints")
      .filter((each) => at(each, "whenUnsatisfiable") !== "ScheduleAnyway")
      .map((each) => readSpread(each, own)),
    shape: JSON.stringify([namespace, labels, { ...spec, nodeName: undefined, hostname: undefined }]),
  };
}

const labelsAt = (value: unknown, path: string): Labels =>
  Object.fromEntries(Object.entries(at(value, path) ?? {}).map(([key, text]) => [key, String(text)]));

const readToleration = (raw: unknown): Toleration => {
  const seconds = at(raw, "tolerationSeconds");
  return {
    key: textAt(raw, "key"),
    operator: textAt(raw, "operator") || "Equal",
    value: textAt(raw, "value"),
    effect: textAt(raw, "effect"),
    seconds: typeof seconds === "number" ? seconds : undefined,
  };
};

const portsOf = (container: unknown): HostPort[] =>
  listAt(container, "ports").flatMap((port) => {
    const hostPort = numberAt(port, "hostPort");
    const protocol = textAt(port, "protocol") || "TCP";
    return hostPort > 0 ? [{ protocol, port: hostPort, ip: textAt(port, "hostIP") || "0.0.0.0" }] : [];
  });

interface Own {
  readonly namespace: string;
  readonly labels: Labels;
}

function readTerm(raw: unknown, own: Own): AffinityTerm {
  const named = listAt(raw, "namespaces").map(String);
  const bySelector = labelSelectorShape.safeParse(at(raw, "namespaceSelector"));
  const namespaceSelector = bySelector.success ? bySelector.data : undefined;
  return {
    topologyKey: textAt(raw, "topologyKey"),
    selector: readSelector(raw, own),
    namespaces: named.length === 0 && !namespaceSelector ? [own.namespace] : named,
    namespaceSelector,
  };
}

const readSpread = (raw: unknown, own: Own): SpreadConstraint => ({
  topologyKey: textAt(raw, "topologyKey"),
  maxSkew: numberAt(raw, "maxSkew", 1),
  minDomains: numberAt(raw, "minDomains", 1),
  selector: readSelector(raw, own),
  honorsTaints: at(raw, "nodeTaintsPolicy") === "Honor",
  honorsAffinity: at(raw, "nodeAffinityPolicy") !== "Ignore",
});

/** `labelSelector` with `matchLabelKeys` and `mismatchLabelKeys`; without a selector it selects no pod. */
function readSelector(raw: unknown, { labels }: Own): LabelSelector {
  const parsed = labelSelectorShape.safeParse(at(raw, "labelSelector"));
  if (!parsed.success) return NOTHING;
  const keyed = (path: string, operator: "In" | "NotIn") =>
    listAt(raw, path).flatMap((key) => {
      const value = labels[String(key)];
      return value === undefined ? [] : [{ key: String(key), operator, values: [value] }];
    });
  const more = [...keyed("matchLabelKeys", "In"), ...keyed("mismatchLabelKeys", "NotIn")];
  return { ...parsed.data, matchExpressions: [...parsed.data.matchExpressions, ...more] };
}
