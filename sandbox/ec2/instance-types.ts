/** What a node on such an instance offers its pods, in Kubernetes' notation: a little less than the machine has. */
const ALLOCATABLE: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  "t3.medium": { cpu: "1930m", memory: "3388Mi", pods: "17" },
  "m5.large": { cpu: "1930m", memory: "7086Mi", pods: "29" },
  "m5.xlarge": { cpu: "3920m", memory: "14162Mi", pods: "58" },
  "m5.2xlarge": { cpu: "7910m", memory: "29317Mi", pods: "58" },
};

export const DEFAULT_INSTANCE_TYPE = "m5.large";

/** The allocatable of a type; of the default one for a type that is not known here. */
export const allocatableOf = (instanceType: string): Readonly<Record<string, string>> =>
  ALLOCATABLE[instanceType] ?? ALLOCATABLE[DEFAULT_INSTANCE_TYPE] ?? {};
