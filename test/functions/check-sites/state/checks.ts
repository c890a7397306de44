import type { TransitionPolicy } from "../../../../functions/check-sites/state/transition.ts";

/** One site, check by check. */
export interface Checks {
  readonly name: string;
  /**
   * A check is a letter for what was found (`U`p, de`G`raded, `D`own, `?` unknown; in lower case nothing is notified now), and
   * what was special about it: `s` suspected, `o` overdue, `n` not probed, `r` the first attempt found something else, `p` with
   * duration, probe and certificate. `+10`: ten minutes after the check before, else one.
   */
  readonly checks: string;
  readonly policy?: Partial<TransitionPolicy>;
}

const AT_ONCE = { downAfter: { count: 1, of: 1 }, upAfter: { count: 1, of: 1 } };
const MINUTE = 60_000;

export const CHECKS: Readonly<Record<string, readonly Checks[]>> = {
  "levels and incidents": [
    { name: "well from the start", checks: "U U U" },
    { name: "down from the start", checks: "D D U U" },
    { name: "degraded from the start", checks: "G G U U" },
    { name: "down and well again, with all that is found", checks: "Up U Dr Dp D Dp U Up U" },
    { name: "degraded, then down, then degraded, then well", checks: "U U G G D D G G U U" },
    { name: "down, then well at once", checks: "U D D U U U D D", policy: AT_ONCE },
    { name: "failures below the threshold are forgotten", checks: "U U D U U G U U" },
    {
      name: "two of four: the first failure begins the incident",
      checks: "U U U D U D U U U D U U U U D",
      policy: { downAfter: { count: 2, of: 4 } },
    },
    {
      name: "three of five, degraded and down mixed",
      checks: "U U U G D G U U D U U U",
      policy: { downAfter: { count: 3, of: 5 }, upAfter: { count: 3, of: 3 } },
    },
    { name: "down, a few well checks, down again", checks: "D D U D U D D U U" },
    {
      name: "upAfter counts anew after each change for the worse",
      checks: "U U U G U G U D U D U U U",
      policy: { downAfter: { count: 2, of: 3 }, upAfter: { count: 2, of: 3 } },
    },
    { name: "down while degraded", checks: "G G U D G G D D G U U" },
    { name: "a second incident after the first", checks: "D D U U D D U U" },
  ],
  "what cannot be known": [
    { name: "four unknown checks say nothing, the fifth does", checks: "U U ? ? ? ? ? ? U U" },
    { name: "unknown from the start", checks: "? ? ? ? ? U U" },
    {
      name: "down stays down through four, and is unknown at the fifth",
      checks: "D D ? ? ? ? D ? ? ? ? ? D U U",
    },
    {
      name: "well again after unknown has nothing to do with an incident before",
      checks: "D D U U U ? ? ? ? ? U",
    },
    { name: "an incident that ends while unknown", checks: "D D ? ? ? ? ? U U" },
    {
      name: "suspected, then overdue: the incident begins with the suspicion",
      checks: "U U ?s ?s ?s Do D U U",
    },
    { name: "suspected, then well", checks: "U U ?s ?s U U" },
    { name: "suspected after a failure: that is where it began", checks: "U U D ?s D D" },
    { name: "not probed while down", checks: "D D ?n ?n ?n ?n ?n ?n D" },
    { name: "not probed while well", checks: "Up U ?n ?n ?n ?n ?n ?n U" },
    { name: "not probed while degraded", checks: "G G ?n ?n ?n ?n ?n" },
    { name: "not probed, and not unknown", checks: "D D Un U" },
  ],
  "what is notified": [
    { name: "in silence nothing, at its end what holds", checks: "U U d d d D D u u U" },
    { name: "in silence down and well again: nothing", checks: "U U d d u u U U" },
    {
      name: "a reminder each three minutes",
      checks: "D D D D D D D D D U U",
      policy: { remindAfterMs: 3 * MINUTE },
    },
    { name: "unknown is reminded of", checks: "? ? ? ? ? ? ? ? ? ?", policy: { remindAfterMs: 3 * MINUTE } },
    { name: "degraded is not", checks: "G G G G G G G", policy: { remindAfterMs: 3 * MINUTE } },
    {
      name: "a change restarts the reminder",
      checks: "G G G D D D D D D",
      policy: { remindAfterMs: 4 * MINUTE },
    },
    { name: "without reminders none", checks: "D D D D+600" },
  ],
  flapping: [
    {
      name: "five changes are flapping; down for ten minutes ends it",
      checks: "D U D U D U D D+9 D+1 D U",
      policy: AT_ONCE,
    },
    { name: "well for thirty minutes ends it", checks: "D U D U D U U+29 U+1 D U D", policy: AT_ONCE },
    { name: "degraded for thirty minutes ends it", checks: "D U D U D G G+10 G+19 G+1 D", policy: AT_ONCE },
    { name: "unknown for ten minutes ends it", checks: "D U D U D ? ? ? ? ? ?+9 ?+1", policy: AT_ONCE },
    {
      name: "what it is at the end is what was notified: nothing is",
      checks: "D U D U D U D+1 D+10 D+1 U D U D U",
      policy: AT_ONCE,
    },
    {
      name: "the first an hour before the fifth does not count",
      checks: "D U+15 D+15 U+15 D+15 U",
      policy: AT_ONCE,
    },
    { name: "the first just within the hour counts", checks: "D U+15 D+15 U+15 D+14 U", policy: AT_ONCE },
    {
      name: "reminders are no changes",
      checks: "D D D D D D D D",
      policy: { ...AT_ONCE, remindAfterMs: MINUTE },
    },
    { name: "it flaps again after it held", checks: "D U D U D D+10 D+1 U D U D U D", policy: AT_ONCE },
  ],
};
