import type { Guard } from "./admission.ts";

/** The group refuses to shrink below its minimum, and what already leaves counts. */
export const groupMin: Guard = ({ alreadyLeaving }, { name, min, desired }) =>
  desired - alreadyLeaving - 1 < min
    ? `group ${name} would fall below its minimum of ${min} (desired ${desired}, ${alreadyLeaving} already leaving)`
    : undefined;
