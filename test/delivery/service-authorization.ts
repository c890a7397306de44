import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod/mini";
import { arnsMeet, patternsMeet } from "./patterns-meet.ts";

const Reference = z.object({
  source: z.string(),
  /** The resource types of each action, `*` after those it requires; none where it is on all resources only. */
  actions: z.record(z.string(), z.string()),
  /** Those that policies here use, without those of all services. */
  conditionKeys: z.record(z.string(), z.string()),
  /** The form of their ARNs. */
  resourceTypes: z.record(z.string(), z.string()),
});

const file = join(import.meta.dirname, "service-authorization.json");
const { actions, conditionKeys, resourceTypes } = z.parse(Reference, JSON.parse(readFileSync(file, "utf8")));

/** What a policy allows: actions, `*` in them stands for any text, on resources. */
export interface Allowed {
  readonly actions: readonly string[];
  readonly resources: readonly string[];
  readonly conditionKeys: readonly string[];
}

/**
 * What AWS would not take as it is meant, by its Service Authorization Reference: an action that is not there, one that
 * is never on such a resource, a condition whose key the action does not have.
 */
export function misread({ actions: names, resources, conditionKeys: keys }: Allowed): readonly string[] {
  return names.flatMap((pattern) => {
    const found = Object.keys(actions).filter((action) => patternsMeet(pattern, action));
    if (found.length === 0) return [`${pattern}: is no action of service-authorization.json`];
    return found.flatMap((action) => [...misplaced(action, resources), ...unknownKeys(action, keys)]);
  });
}

function misplaced(action: string, resources: readonly string[]): readonly string[] {
  if (resources.includes("*")) return [];
  const [service] = action.split(":");
  const forms = (actions[action] ?? "")
    .split(" ")
    .flatMap((type) => resourceTypes[`${service}:${type.replace("*", "")}`]?.split(" ") ?? []);
  const canBe = forms.some((form) =>
    resources.some((resource) => arnsMeet(resource, form.replaceAll(/\$\{[^}]+\}/g, "*"))),
  );
  if (canBe) return [];
  const expected = forms.length === 0 ? "all resources (*)" : forms.join(" or ");
  return [`${action}: is on ${resources.join(", ")}, and can only be on ${expected}`];
}

function unknownKeys(action: string, keys: readonly string[]): readonly string[] {
  const known = conditionKeys[action]?.split(" ") ?? [];
  return keys
    .filter((key) => !key.startsWith("aws:") && !known.includes(key))
    .map((key) => `${action}: has no condition key ${key}`);
}
