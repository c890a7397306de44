import type { Resource } from "../../shared/cloudformation/resource.ts";
import { asDemanded } from "./account.ts";
import { withoutRepeated } from "./depends-on.ts";
import { type Nesting, nestStacks } from "./nested/nested-stacks.ts";
import { fitRoles } from "./role-policies.ts";
import { onePermissionEach } from "./rule-permissions.ts";
import type { Target } from "./target.ts";

type Resources = Readonly<Record<string, Resource>>;

/** A stack's resources as AWS and the account take them. */
export interface Shaped extends Nesting {
  /** What whoever deploys should know. */
  readonly notes: readonly string[];
}

/**
 * The resources that serverless and the automations declare, as the account demands them, and in the shape and sizes that
 * AWS takes.
 *
 * @throws {Error} naming everything that AWS would refuse
 */
export function shapeResources(declared: Resources, target: Target): Shaped {
  const demanded = asDemanded(onePermissionEach(declared), target);
  const { resources, notes, problems } = fitRoles(demanded);
  if (problems.length > 0) throw new Error(problems.join("\n"));
  const all = Object.fromEntries(Object.entries(resources).map(([id, one]) => [id, withoutRepeated(one)]));
  return { ...nestStacks(all, target), notes };
}
