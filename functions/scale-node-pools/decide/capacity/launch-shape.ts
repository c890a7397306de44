import type { Resources } from "../../../../shared/kubernetes/resources.ts";
import type { InstanceType, Labels } from "../../model/cluster.ts";
import type { NodeShape } from "../../model/pool-status.ts";

const MIB = 2 ** 20;

/** Of its nominal memory a machine keeps this much from its kernel: Karpenter's default `vmMemoryOverheadPercent`. */
const MEMORY_OVERHEAD_PER_MILLE = 75;
/** The kubelet evicts pods below it: its default `memory.available`. */
const EVICTION_THRESHOLD_MIB = 100;

/** What EKS's AMIs reserve of each core, in thousandths of a core: the first, the second, the third and fourth, the rest. */
const RESERVED_MILLI_CPU = [60, 10, 5, 5];
const RESERVED_OF_THE_REST = 2.5;

/**
 * What a node on these instance types offers its pods, as far as the types say; of several types what each of them
 * offers at least, as AWS chooses among them. Undefined where no type is known.
 *
 * @param units what one instance counts for in its group
 */
export function shapeOfTypes(types: readonly InstanceType[], units: number): NodeShape | undefined {
  const [first, ...others] = types;
  if (!first) return undefined;
  return {
    allocatable: others.map(allocatableOf).reduce(smallestOf, allocatableOf(first)),
    labels: commonLabels(types),
    taints: [],
    units,
  };
}

/** The smallest of these types, by cores and then memory; undefined of none. */
export const smallestType = (types: readonly InstanceType[]): InstanceType | undefined =>
  types.toSorted((a, b) => a.vcpus - b.vcpus || a.memoryMib - b.memoryMib)[0];

/**
 * What the kubelet of an Amazon EKS AMI leaves its pods.
 * https://github.com/awslabs/amazon-eks-ami/blob/main/nodeadm/internal/kubelet/config.go
 */
function allocatableOf({ vcpus, memoryMib, maxPods, extended }: InstanceType): Resources {
  const reservedCpu = Array.from(
    { length: vcpus },
    (_, core) => RESERVED_MILLI_CPU[core] ?? RESERVED_OF_THE_REST,
  ).reduce((sum, each) => sum + each, 0);
  const usableMib = Math.floor((memoryMib * (1000 - MEMORY_OVERHEAD_PER_MILLE)) / 1000);
  const reservedMib = 255 + 11 * maxPods + EVICTION_THRESHOLD_MIB;
  return {
    milliCpu: Math.floor(vcpus * 1000 - reservedCpu),
    memory: Math.max(0, usableMib - reservedMib) * MIB,
    pods: maxPods,
    ...(Object.keys(extended).length > 0 && { extended }),
  };
}

/** The smaller amount of each resource; ephemeral storage is what is known of one of them. */
export function smallestOf(a: Resources, b: Resources): Resources {
  const storage = [a.ephemeralStorage, b.ephemeralStorage].filter((bytes) => bytes !== undefined);
  const extended = Object.entries(a.extended ?? {}).flatMap(([name, amount]) => {
    const other = b.extended?.[name];
    return other === undefined ? [] : [[name, Math.min(amount, other)] as const];
  });
  return {
    milliCpu: Math.min(a.milliCpu, b.milliCpu),
    memory: Math.min(a.memory, b.memory),
    pods: Math.min(a.pods, b.pods),
    ...(storage.length > 0 && { ephemeralStorage: Math.min(...storage) }),
    ...(extended.length > 0 && { extended: Object.fromEntries(extended) }),
  };
}

/** The labels that the kubelet gives a node by its type, where all types agree. */
function commonLabels(types: readonly InstanceType[]): Labels {
  const common = (of: (type: InstanceType) => string): string | undefined => {
    const values = new Set(types.map(of));
    return values.size === 1 ? [...values][0] : undefined;
  };
  const arch = common((type) => type.arch);
  const name = common((type) => type.name);
  return {
    "kubernetes.io/os": "linux",
    ...(arch !== undefined && { "kubernetes.io/arch": arch }),
    ...(name !== undefined && { "node.kubernetes.io/instance-type": name }),
  };
}
