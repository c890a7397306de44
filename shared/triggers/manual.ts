import { Misconfigured } from "../lambda/errors.ts";
import type { Shape } from "./decode.ts";

/** The resources a person may name. */
const RESOURCES: readonly string[] = ["stream", "site", "nodePool"];

/** By hand: exactly one key, the sort of resource, with its name. */
export const manual: Shape = (event) => {
  const keys = Object.keys(event);
  const [of] = keys;
  if (of === undefined || !RESOURCES.includes(of)) return undefined;
  const name = event[of];
  if (keys.length !== 1 || typeof name !== "string" || name === "") {
    throw new Misconfigured(
      `a trigger by hand is { "${of}": "<name>" } and nothing else; found the keys ${keys.join(", ")} and a ${typeof name} for ${of}`,
    );
  }
  return [{ kind: "manual", of, name }];
};
