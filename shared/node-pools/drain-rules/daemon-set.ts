import type { DrainRule } from "./verdict.ts";

/** A DaemonSet's pod belongs to its node: evicted, it would come back at once, cordon or not. */
export const daemonSet: DrainRule = ({ controller }) =>
  controller?.kind === "DaemonSet" ? { kind: "leave", why: `DaemonSet ${controller.name}` } : undefined;
