import * as z from "zod/mini";
import { type Mode, mode } from "../config/load.ts";
import { duration } from "../node-pools/scalars.ts";

/** The mode of a resource: one for all of its changes, or one for each direction. */
export const modeByDirection = z.union([
  mode,
  z.strictObject({ scaleOut: z.optional(mode), scaleIn: z.optional(mode) }),
]);
export type ModeByDirection = z.output<typeof modeByDirection>;

/** How long a person has to answer, in ms. */
export const askFor = duration("60m");

/** The mode of one direction; undefined where the resource says nothing of it, and the service's holds. */
export function modeOf(own: ModeByDirection | undefined, direction: "out" | "in"): Mode | undefined {
  if (typeof own !== "object") return own;
  return direction === "out" ? own.scaleOut : own.scaleIn;
}

/** Whether a person is asked before any of the resource's changes. */
export const asksAtAll = (own: ModeByDirection | undefined, service: Mode): boolean =>
  [modeOf(own, "out"), modeOf(own, "in")].some((one) => (one ?? service) === "ask");

const BY_CAUTION: readonly Mode[] = ["observe", "ask", "act"];

/** The mode that does less of its own accord. */
export const moreCautious = (a: Mode, b: Mode): Mode =>
  BY_CAUTION.indexOf(a) < BY_CAUTION.indexOf(b) ? a : b;
