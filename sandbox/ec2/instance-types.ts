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

/** The machine itself, as EC2 describes it. */
export interface MachineType {
  readonly vcpus: number;
  readonly memoryMib: number;
  /** Network interfaces, and the IPv4 addresses of each. */
  readonly interfaces: number;
  readonly addresses: number;
}

const MACHINES: Readonly<Record<string, MachineType>> = {
  "t3.medium": { vcpus: 2, memoryMib: 4_096, interfaces: 3, addresses: 6 },
  "m5.large": { vcpus: 2, memoryMib: 8_192, interfaces: 3, addresses: 10 },
  "m5.xlarge": { vcpus: 4, memoryMib: 16_384, interfaces: 4, addresses: 15 },
  "m5.2xlarge": { vcpus: 8, memoryMib: 32_768, interfaces: 4, addresses: 15 },
};

/** The machine of a type; of the default one for a type that is not known here. */
export function machineOf(instanceType: string): MachineType {
  const machine = MACHINES[instanceType] ?? MACHINES[DEFAULT_INSTANCE_TYPE];
  if (!machine) throw new Error(`no machine of type ${instanceType}`);
  return machine;
}

/** US dollars an hour, by core: a round number near to what AWS asks. */
const SPOT_PRICE_A_CORE = 0.02;

/** What a Spot instance of the type costs an hour, US dollars. */
export const spotPriceOf = (instanceType: string): number =>
  machineOf(instanceType).vcpus * SPOT_PRICE_A_CORE;
