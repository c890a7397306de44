import type { DrainRule } from "./verdict.ts";

/** A static pod's shadow: the kubelet runs it from a file on the node, and it ends with the node. */
export const mirror: DrainRule = ({ annotations }) =>
  "kubernetes.io/config.mirror" in annotations ? { kind: "leave", why: "mirror pod" } : undefined;
