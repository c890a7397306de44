import type { Taint } from "../../../../shared/kubernetes/node.ts";
import { milliCpu, wholeUnits } from "../../../../shared/kubernetes/quantity.ts";
import { isExtended, type Resources } from "../../../../shared/kubernetes/resources.ts";
import type { Labels } from "../../model/cluster.ts";

/** What an Auto Scaling group's tags say of its next node. */
export interface TaggedNode {
  readonly labels: Labels;
  readonly taints: readonly Taint[];
  /** Amounts by resource name, in the units of `Resources`; only those that are tagged. */
  readonly milliCpu: number | undefined;
  readonly memory: number | undefined;
  readonly ephemeralStorage: number | undefined;
  readonly pods: number | undefined;
  readonly extended: Readonly<Record<string, number>>;
}

const PREFIX = "k8s.io/cluster-autoscaler/node-template/";

/**
 * Reads the tags by which cluster-autoscaler knows the nodes of an empty group, so that a group that has them needs no
 * more. A tag that cannot be read is left out.
 * https://github.com/kubernetes/autoscaler/blob/master/cluster-autoscaler/cloudprovider/aws/README.md#auto-discovery-setup
 */
export function templateTags(tags: Labels): TaggedNode {
  const of = (kind: string) =>
    Object.entries(tags).flatMap(([key, value]) =>
      key.startsWith(`${PREFIX}${kind}/`)
        ? [[key.slice(PREFIX.length + kind.length + 1), value] as const]
        : [],
    );
  const resources = new Map(of("resources"));
  const extended = [...resources].flatMap(([name, value]) => {
    const amount = isExtended(name) ? amountOf(wholeUnits, value) : undefined;
    return amount === undefined ? [] : [[name, amount] as const];
  });
  return {
    labels: Object.fromEntries(of("label")),
    taints: of("taint").flatMap(([key, value]) => parseTaint(key, value)),
    milliCpu: amountOf(milliCpu, resources.get("cpu")),
    memory: amountOf(wholeUnits, resources.get("memory")),
    ephemeralStorage: amountOf(wholeUnits, resources.get("ephemeral-storage")),
    pods: amountOf(wholeUnits, resources.get("pods")),
    extended: Object.fromEntries(extended),
  };
}

/** The allocatable resources with those that are tagged instead of the known ones; undefined when CPU or memory is not known. */
export function taggedAllocatable(known: Resources | undefined, tagged: TaggedNode): Resources | undefined {
  const milliCpu = tagged.milliCpu ?? known?.milliCpu;
  const memory = tagged.memory ?? known?.memory;
  if (milliCpu === undefined || memory === undefined) return undefined;
  const ephemeralStorage = tagged.ephemeralStorage ?? known?.ephemeralStorage;
  const extended = { ...known?.extended, ...tagged.extended };
  return {
    milliCpu,
    memory,
    pods: tagged.pods ?? known?.pods ?? DEFAULT_PODS,
    ...(ephemeralStorage !== undefined && { ephemeralStorage }),
    ...(Object.keys(extended).length > 0 && { extended }),
  };
}

/** The kubelet's own default for `--max-pods`. */
const DEFAULT_PODS = 110;

/** `dedicated` and `gpu:NoSchedule`. */
function parseTaint(key: string, tag: string): Taint[] {
  const at = tag.lastIndexOf(":");
  const [value, effect] = [tag.slice(0, Math.max(0, at)), tag.slice(at + 1)];
  if (effect !== "NoSchedule" && effect !== "PreferNoSchedule" && effect !== "NoExecute") return [];
  return [{ key, effect, ...(value !== "" && { value }) }];
}

function amountOf(read: (quantity: string) => number, quantity: string | undefined): number | undefined {
  if (quantity === undefined) return undefined;
  try {
    return read(quantity);
  } catch {
    return undefined;
  }
}
