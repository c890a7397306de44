import type { StreamPolicy } from "../config/policy.ts";
import type { Write } from "./item.ts";
import { compareVersions } from "./version.ts";

/**
 * All that one invocation has for one key, in the order in which it is to be tried. The first goes to the
 * table; the others are compared with what then stands there. One group a key: so there is never more than
 * one write in flight for it, and while it fails its later events wait.
 */
export interface KeyGroup {
  readonly key: string;
  readonly writes: readonly [Write, ...Write[]];
}

/** What belongs together, in the order of the first events. */
export function plan(writes: readonly Write[], { mode }: Pick<StreamPolicy, "mode">): readonly KeyGroup[] {
  const byKey = new Map<string, [Write, ...Write[]]>();
  for (const write of writes) {
    const known = byKey.get(write.key);
    if (known === undefined) byKey.set(write.key, [write]);
    else known.push(write);
  }
  return [...byKey].map(([key, group]) => ({
    key,
    writes: mode === "latest" ? newestFirst(group) : group,
  }));
}

/** Of two with the same version, the one that came first (`sort` is stable). */
function newestFirst(writes: [Write, ...Write[]]): [Write, ...Write[]] {
  return writes.sort((a, b) => {
    if (a.version === undefined) return 0;
    return -(compareVersions(a.version, b.version) ?? 0);
  });
}
