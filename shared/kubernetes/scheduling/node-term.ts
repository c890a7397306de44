import type { Node } from "../node.ts";
import { meets } from "./selector.ts";

/** One requirement on node labels (or fields), as node affinity writes it. */
export interface NodeRequirement {
  readonly key: string;
  readonly operator: "In" | "NotIn" | "Exists" | "DoesNotExist" | "Gt" | "Lt";
  readonly values: readonly string[];
}

/** One term of required node affinity, of a pod or of a volume: all its requirements must hold. */
export interface NodeTerm {
  readonly labels: readonly NodeRequirement[];
  /** `matchFields`: only `metadata.name` exists. */
  readonly fields: readonly NodeRequirement[];
}

/** True when the node meets one of the terms, or there are none. An empty term meets no node. */
export const meetsTerms = (terms: readonly NodeTerm[], node: Pick<Node, "name" | "labels">): boolean =>
  terms.length === 0 ||
  terms.some(
    ({ labels, fields }) =>
      labels.length + fields.length > 0 &&
      labels.every((requirement) => meets(requirement, node.labels)) &&
      fields.every((requirement) => meets(requirement, { "metadata.name": node.name })),
  );
