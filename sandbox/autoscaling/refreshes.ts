import { randomUUID } from "node:crypto";
import { AwsError } from "../wire/error.ts";
import type { Group } from "./group.ts";

/** StartInstanceRefresh: nothing is replaced here, but while it is in progress others leave the group alone. */
export function startRefresh({ refreshes }: Group, now: number): string {
  if (refreshes.some(({ status }) => status === "InProgress")) {
    throw new AwsError(
      "InstanceRefreshInProgress",
      "An Instance Refresh is already in progress and blocks the execution of this Instance Refresh.",
    );
  }
  const id = randomUUID();
  refreshes.unshift({ id, startedAt: now, status: "InProgress" });
  return id;
}

/** CancelInstanceRefresh. */
export function cancelRefresh({ refreshes }: Group): string {
  const running = refreshes.find(({ status }) => status === "InProgress");
  if (!running)
    throw new AwsError(
      "ActiveInstanceRefreshNotFound",
      "No in progress or pending Instance Refresh found for the Auto Scaling group.",
    );
  running.status = "Cancelled";
  return running.id;
}
