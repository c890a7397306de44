import type { Guard } from "./admission.ts";

/** A group whose `Terminate` process is suspended would keep the emptied instance. */
export const terminateSuspended: Guard = (_, { name, suspended }) =>
  suspended.includes("Terminate") ? `group ${name} has its Terminate process suspended` : undefined;
