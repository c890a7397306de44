import type { ScaleInPlan } from "./scale-in/scale-in.ts";
import type { ScaleOutPlan } from "./scale-out/scale-out.ts";

/** The plans that were made for one pool. */
export interface Plans {
  /** Which other scaler manages it, as a sentence. */
  readonly other: string | undefined;
  /** Absent when another scaler manages it. */
  readonly scaleOut: ScaleOutPlan | undefined;
  /** Absent when it scales out. */
  readonly scaleIn: ScaleInPlan | undefined;
}
