import * as z from "zod/mini";
import type { LabelSelector } from "./selector.ts";
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
  /** Of `spread`: how many more pods than the emptiest domain a domain may hold; 0 of the others. */
  readonly maxSkew: number;
  /** Of `spread`: with fewer domains than this the emptiest counts as having none. */
  readonly minDomains?: number;
  /** Of `spread`: nodes whose taints the pod does not tolerate are no domains. */
  readonly honorsTaints?: boolean;
}

const keys = z._default(z.array(z.string()), []);

const affinityTerm = z.object({
  topologyKey: z.string(),
  labelSelector: z.optional(labelSelectorShape),
  namespaces: z._default(z.array(z.string()), []),
  namespaceSelector: z.optional(z.unknown()),
  matchLabelKeys: keys,
  mismatchLabelKeys: keys,
});

const required = z.optional(
  z.object({ requiredDuringSchedulingIgnoredDuringExecution: z._default(z.array(affinityTerm), []) }),
);

/** `spec.affinity` as far as it is about other pods. */
export const podAffinityShape = { podAffinity: required, podAntiAffinity: required };

/** `spec.topologySpreadConstraints`. */
export const spreadShape = z._default(
  z.array(
    z.object({
      maxSkew: z.number(),
      topologyKey: z.string(),
      whenUnsatisfiable: z.string(),
      minDomains: z.nullish(z.number()),
      nodeTaintsPolicy: z.nullish(z.string()),
      labelSelector: z.optional(labelSelectorShape),
      matchLabelKeys: keys,
    }),
  ),
  [],
);

interface Asked {
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly affinity: {
    readonly podAffinity?: z.infer<typeof required>;
    readonly podAntiAffinity?: z.infer<typeof required>;
  };
  readonly spread: z.infer<typeof spreadShape>;
}

/**
 * The rules a pod must meet to be scheduled; preferences are left out. A term without a selector selects no
 * pod and so forbids nothing. A `namespaceSelector` counts as all namespaces: namespaces are not read.
 */
export function topologyRules({ namespace, labels, affinity, spread }: Asked): TopologyRule[] {
  const terms = (kind: "apart" | "together", of: z.infer<typeof required>) =>
    (of?.requiredDuringSchedulingIgnoredDuringExecution ?? []).flatMap((term): TopologyRule[] => {
      if (!term.labelSelector) return [];
      const selector = narrowed(term.labelSelector, labels, term.matchLabelKeys, term.mismatchLabelKeys);
      const own = term.namespaces.length > 0 ? term.namespaces : [namespace];
      const namespaces = term.namespaceSelector === undefined ? own : undefined;
      return [{ kind, key: term.topologyKey, selector, namespaces, maxSkew: 0 }];
    });
  return [
    ...terms("together", affinity.podAffinity),
    ...terms("apart", affinity.podAntiAffinity),
    ...spread.flatMap(
      ({
        maxSkew,
        topologyKey,
        whenUnsatisfiable,
        labelSelector,
        matchLabelKeys,
        ...more
      }): TopologyRule[] =>
        whenUnsatisfiable === "DoNotSchedule" && labelSelector
          ? [
              {
                kind: "spread",
                key: topologyKey,
                selector: narrowed(labelSelector, labels, matchLabelKeys, []),
                namespaces: [namespace],
                maxSkew,
                ...(typeof more.minDomains === "number" && { minDomains: more.minDomains }),
                ...(more.nodeTaintsPolicy === "Honor" && { honorsTaints: true }),
              },
            ]
          : [],
    ),
  ];
}

/** `matchLabelKeys`: pods with the pod's own value of these labels only; `mismatchLabelKeys`: without it. */
function narrowed(
  selector: LabelSelector,
  labels: Readonly<Record<string, string>>,
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
