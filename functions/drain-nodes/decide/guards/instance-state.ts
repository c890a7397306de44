import type { Guard } from "./admission.ts";

/** Only a running instance that nobody protects is ours to end. */
export const instanceState: Guard = ({ instanceId }, { name, instances }) => {
  const instance = instances.find(({ id }) => id === instanceId);
  if (!instance) return `instance ${instanceId} is not in group ${name}`;
  if (instance.lifecycleState !== "InService") {
    return `instance ${instanceId} is ${instance.lifecycleState} in group ${name}, not InService`;
  }
  if (instance.protectedFromScaleIn)
    return `instance ${instanceId} is protected from scale-in in group ${name}`;
  return undefined;
};
