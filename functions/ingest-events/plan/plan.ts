import type { StreamPolicy } from "../config/policy.ts";
import type { DecodedEvent, Poison } from "../decode/decode.ts";
import { toWrite, type Write } from "./item.ts";
import { compareVersions } from "./version.ts";

/**
 * All that one invocation has for one key, in the order in which it is to be tried. The first goes to the
 * table; the others are held against what then stands there. One group a key: so there is never more than
 * one write in flight for it, and while it fails its later events wait.
 */
export interface KeyGroup {
  readonly key: string;
  readonly writes: readonly [Write, ...Write[]];
}

export interface Plan {
  /** In the order of their first events. */
  readonly groups: readonly KeyGroup[];
  /** What can never become an item. */
  readonly poison: readonly Poison[];
  /** Events without an id of their own. */
  readonly idsFromPosition: number;
  /** Events without a time, where the policy sets a time to live: they stay for good. */
  readonly withoutTime: number;
}

/** @param place the stream and the shard, `orders/shardId-000000000000`. */
export function plan(events: readonly DecodedEvent[], policy: StreamPolicy, place: string): Plan {
  const byKey = new Map<string, [Write, ...Write[]]>();
  const poison: Poison[] = [];
  let idsFromPosition = 0;
  let withoutTime = 0;
  for (const event of events) {
    const write = toWrite(event, policy, place);
    if ("reason" in write) {
      poison.push(write);
      continue;
    }
    if (write.idFromPosition) idsFromPosition += 1;
    if (write.withoutTime) withoutTime += 1;
    const known = byKey.get(write.key);
    if (known === undefined) byKey.set(write.key, [write]);
    else known.push(write);
  }
  const groups: KeyGroup[] = [];
  for (const [key, writes] of byKey) {
    if (policy.mode === "latest" && writes.length > 1) writes.sort(newestFirst);
    groups.push({ key, writes });
  }
  return { groups, poison, idsFromPosition, withoutTime };
}

/** Of two with the same version, the one that came first (`sort` is stable). */
function newestFirst(a: Write, b: Write): number {
  if (a.version === undefined) return 0;
  return -(compareVersions(a.version, b.version) ?? 0);
}
