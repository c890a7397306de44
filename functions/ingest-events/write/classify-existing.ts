import type { StreamPolicy } from "../config/policy.ts";
import type { Write } from "../plan/item.ts";
import { sameItem } from "../plan/same-item.ts";
import type { StoredItem } from "../plan/stored-item.ts";
import { compareVersions } from "../plan/version.ts";

/**
 * What a write is, when something stands in the table under its key already:
 *
 * - a duplicate: it is the same;
 * - superseded (only in `latest`): what stands there is later;
 * - a conflict: the same id, or the same version, with different content. Also in `latest` when what stands
 *   there has no version to compare with, so that nothing can be said about which is later.
 */
export function classifyExisting(
  policy: Pick<StreamPolicy, "version" | "ofPlace">,
  write: Write,
  stored: StoredItem,
): "duplicate" | "superseded" | "conflict" {
  if (sameItem(write.item, stored, policy.ofPlace)) return "duplicate";
  if (policy.version === undefined || write.version === undefined) return "conflict";
  const { attribute } = policy.version;
  const order = compareVersions(write.version, stored.pick([attribute])[attribute]);
  return order !== undefined && order < 0 ? "superseded" : "conflict";
}
