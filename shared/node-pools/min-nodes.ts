import { isOpen } from "../time/windows.ts";
import type { NodePool } from "./policy.ts";

/** How many nodes a pool keeps at least at `now`: by the first of its time windows that is open, over its own `min`. */
export function minNodesAt({ windows, min }: Pick<NodePool, "windows" | "min">, now: number): number {
  const open = windows.find(({ during }) => isOpen(during, now));
  return open?.desired ?? open?.min ?? min ?? 0;
}
