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

/**
 * The mode of one direction of a resource. What the resource says replaces what the file says for all, as a more specific key
 * does everywhere: `mode: act` for one stream or pool lets that one act while all others are observed.
 */
export function modeOf(own: ModeByDirection | undefined, direction: "out" | "in", service: Mode): Mode {
  if (typeof own !== "object") return own ?? service;
  return (direction === "out" ? own.scaleOut : own.scaleIn) ?? service;
}

/** Whether a person is asked before any of the resource's changes. */
export const asksAtAll = (own: ModeByDirection | undefined, service: Mode): boolean =>
  [modeOf(own, "out", service), modeOf(own, "in", service)].includes("ask");
