import * as z from "zod/mini";
import type { Namespace } from "../namespace.ts";
import { type LabelSelector, selects } from "./selector.ts";
import { labelSelectorShape } from "./selector-shape.ts";

/** A rule about which pods share a topology domain: all nodes with the same value of the label `key`. */
export interface TopologyRule {
  /**
   * `apart`: required pod anti-affinity; `together`: required pod affinity; `spread`: a topology spread
   * constraint with `DoNotSchedule`.
   */
  readonly kind: "apart" | "together" | "spread";
  /** For example `kubernetes.io/hostname` or `topology.kubernetes.io/zone`. */
  readonly key: string;
  readonly selector: LabelSelector;
  /** The namespaces whose pods count; undefined: all. */
  readonly namespaces: readonly string[] | undefined;
  /** More namespaces whose pods count, by their labels: `inNamespaces` puts them with the others. */
  readonly namespaceSelector?: LabelSelector;
  /** Of `spread`: how many more pods than the emptiest domain a domain may hold; 0 of the others. */
  readonly maxSkew: number;
  /** Of `spread`: with fewer domains than this the emptiest counts as having none. */
  readonly minDomains?: number;
  /** Of `spread`: nodes whose taints the pod does not tolerate are no domains. */
  readonly honorsTaints?: boolean;
  /** Of `spread`: nodes that the pod's selector and affinity rule out are domains. */
  readonly ignoresAffinity?: boolean;
}

const keys = z._default(z.array(z.string()), []);

const affinityTerm = z.lazy(() =>
  z.object({
    topologyKey: z.string(),
    labelSelector: z.optional(labelSelectorShape),
    namespaces: z._default(z.array(z.string()), []),
    namespaceSelector: z.optional(labelSelectorShape),
    matchLabelKeys: keys,
    mismatchLabelKeys: keys,
  }),
);

const required = () =>
  z.optional(
    z.object({ requiredDuringSchedulingIgnoredDuringExecution: z._default(z.array(affinityTerm), []) }),
  );

/** `spec.affinity` as far as it is about other pods. */
export const podAffinityShape = () => ({ podAffinity: required(), podAntiAffinity: required() });

/** `spec.topologySpreadConstraints`. */
export const spreadShape = z._default(
  z.array(
    z.lazy(() =>
      z.object({
        maxSkew: z.number(),
        topologyKey: z.string(),
        whenUnsatisfiable: z.string(),
        minDomains: z.nullish(z.number()),
        nodeTaintsPolicy: z.nullish(z.string()),
        nodeAffinityPolicy: z.nullish(z.string()),
        labelSelector: z.optional(labelSelectorShape),
        matchLabelKeys: keys,
      }),
    ),
  ),
  [],
);

interface Asked {
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly affinity: {
    readonly podAffinity?: z.infer<ReturnType<typeof required>>;
    readonly podAntiAffinity?: z.infer<ReturnType<typeof required>>;
  };
  readonly spread: z.infer<typeof spreadShape>;
}

/** Selects no pod, as a rule without a selector does. */
const NO_POD: LabelSelector = {
  matchLabels: {},
  matchExpressions: [{ key: "metadata.name", operator: "In", values: [] }],
};

/** The rules a pod must meet to be scheduled; preferences are left out. */
export function topologyRules({ namespace, labels, affinity, spread }: Asked): TopologyRule[] {
  const terms = (kind: "apart" | "together", of: z.infer<ReturnType<typeof required>>) =>
    (of?.requiredDuringSchedulingIgnoredDuringExecution ?? []).map((term) =>
      affinityRule(kind, term, namespace, labels),
    );
  return [
    ...terms("together", affinity.podAffinity),
    ...terms("apart", affinity.podAntiAffinity),
    ...spread
      .filter(({ whenUnsatisfiable }) => whenUnsatisfiable === "DoNotSchedule")
      .map((constraint) => spreadRule(constraint, namespace, labels)),
  ];
}

type Labels = Readonly<Record<string, string>>;

function affinityRule(
  kind: "apart" | "together",
  term: z.infer<typeof affinityTerm>,
  own: string,
  labels: Labels,
): TopologyRule {
  const { topologyKey, labelSelector = NO_POD, namespaces, namespaceSelector } = term;
  return {
    kind,
    key: topologyKey,
    selector: narrowed(labelSelector, labels, term.matchLabelKeys, term.mismatchLabelKeys),
    namespaces: namespaces.length === 0 && !namespaceSelector ? [own] : namespaces,
    ...(namespaceSelector && { namespaceSelector }),
    maxSkew: 0,
  };
}

function spreadRule(
  constraint: z.infer<typeof spreadShape>[number],
  namespace: string,
  labels: Labels,
): TopologyRule {
  const { topologyKey, labelSelector = NO_POD, matchLabelKeys, maxSkew, minDomains } = constraint;
  return {
    kind: "spread",
    key: topologyKey,
    selector: narrowed(labelSelector, labels, matchLabelKeys, []),
    namespaces: [namespace],
    maxSkew,
    ...(typeof minDomains === "number" && { minDomains }),
    ...(constraint.nodeTaintsPolicy === "Honor" && { honorsTaints: true }),
    ...(constraint.nodeAffinityPolicy === "Ignore" && { ignoresAffinity: true }),
  };
}

/** The rule with the namespaces that its `namespaceSelector` selects among those there are. */
export function inNamespaces(rule: TopologyRule, all: readonly Namespace[]): TopologyRule {
  const { namespaceSelector, namespaces = [], ...same } = rule;
  if (!namespaceSelector) return rule;
  const selected = all.filter(({ labels }) => selects(namespaceSelector, labels)).map(({ name }) => name);
  return { ...same, namespaces: [...new Set([...namespaces, ...selected])].sort() };
}

/** `matchLabelKeys`: pods with the pod's own value of these labels only; `mismatchLabelKeys`: without it. */
function narrowed(
  selector: LabelSelector,
  labels: Labels,
  match: readonly string[],
  mismatch: readonly string[],
): LabelSelector {
  const requirement = (operator: "In" | "NotIn") => (key: string) => {
    const value = labels[key];
    return value === undefined ? [] : [{ key, operator, values: [value] }];
  };
  const more = [...match.flatMap(requirement("In")), ...mismatch.flatMap(requirement("NotIn"))];
  return more.length === 0
    ? selector
    : { ...selector, matchExpressions: [...selector.matchExpressions, ...more] };
}
