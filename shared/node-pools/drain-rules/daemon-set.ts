import { type DrainRule, skip } from "./rule.ts";

/** A DaemonSet's pod belongs to its node: evicted, it would come back at once, cordon or not. */
export const daemonSet: DrainRule = ({ controller }) =>
  controller?.kind === "DaemonSet" ? skip("daemon-set", `DaemonSet ${controller.name}`) : undefined;
