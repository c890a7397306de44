import type { RemovableInstance, RemovalReason } from "./removal-rule.ts";

type InstanceRule = (instance: RemovableInstance, group: string) => RemovalReason | undefined;

/** The group is about to replace or end any other instance: it is not ours to remove. */
const inService: InstanceRule = ({ id, state, inService, healthy }, group) => {
  if (inService && healthy) return undefined;
  const found = inService ? "unhealthy" : state;
  return {
    code: "instance-not-in-service",
    text: `instance ${id} is ${found} in group ${group}, not InService`,
  };
};

const scaleInProtection: InstanceRule = ({ id, protectedFromScaleIn }, group) =>
  protectedFromScaleIn
    ? { code: "scale-in-protected", text: `instance ${id} is protected from scale-in in group ${group}` }
    : undefined;

/** In this order: the first that applies is the reason. */
const RULES: readonly InstanceRule[] = [inService, scaleInProtection];

/**
 * Why this instance must not be removed, whatever its node runs; undefined when no rule applies.
 *
 * @param instance undefined when the group does not have it (any more)
 */
export function instanceRemovalReason(
  id: string,
  instance: RemovableInstance | undefined,
  group: string,
): RemovalReason | undefined {
  if (!instance) return { code: "instance-not-in-group", text: `instance ${id} is not in group ${group}` };
  for (const rule of RULES) {
    const reason = rule(instance, group);
    if (reason) return reason;
  }
  return undefined;
}
