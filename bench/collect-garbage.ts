import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

// A flag of the command would have to be given by whoever runs the bench.
setFlagsFromString("--expose-gc");
const gc: unknown = runInNewContext("gc");

/** Collects all garbage, so that what is measured before and after is what is held on to. */
export function collectGarbage(): void {
  if (typeof gc !== "function") throw new Error("this Node.js does not hand out its garbage collector");
  gc();
}
