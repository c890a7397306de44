import { Misconfigured } from "../lambda/errors.ts";
import type { TriggerForm } from "./trigger.ts";

/** The resources a person may name. */
const RESOURCES: readonly string[] = ["stream", "site", "nodePool"];

/** By hand: the sort of resource with its name, and `"mode": "observe"` where nothing is to be done. */
export const manual: TriggerForm = (event) => {
  const { mode, ...rest } = event;
  const keys = Object.keys(rest);
  const of = keys.find((key) => RESOURCES.includes(key));
  if (of === undefined) return undefined;
  const name = rest[of];
  if (keys.length !== 1 || typeof name !== "string" || name === "") {
    throw new Misconfigured(
      `a trigger by hand is { "${of}": "<name>" } and at most "mode" beside it; found the keys ${Object.keys(event).join(", ")} and a ${typeof name} for ${of}`,
    );
  }
  if (mode === undefined) return [{ kind: "manual", of, name }];
  if (mode === "observe") return [{ kind: "manual", of, name, mode }];
  throw new Misconfigured(
    `mode: found ${JSON.stringify(mode)}, expected "observe" or nothing: a trigger by hand cannot make act what the config only lets observe`,
  );
};
