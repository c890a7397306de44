import { type DrainRule, skip } from "./rule.ts";

/** A static pod's mirror: the kubelet runs it from a file on the node, and it ends with the node. */
export const mirror: DrainRule = ({ annotations }) =>
  "kubernetes.io/config.mirror" in annotations ? skip("mirror", "mirror pod") : undefined;
