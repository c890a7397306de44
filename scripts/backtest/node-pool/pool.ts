import type { ConfigFile } from "../../../shared/config/file.ts";
import { parseSection } from "../../../shared/config/load.ts";
import { Misconfigured } from "../../../shared/lambda/errors.ts";
import { clusterOf, type NodePool, nodePools } from "../../../shared/node-pools/policy.ts";
import { isObject, settingsFile } from "../policy.ts";

const SECTION = "nodePools";

/** The pool of a backtest, as the config has it and as `--set` changes it. */
export interface FoundPool {
  readonly cluster: string;
  readonly pool: string;
  readonly deployed: NodePool;
  readonly changed?: NodePool;
  readonly settings: readonly string[];
  /** The other pools of the cluster in the config. */
  readonly others: readonly string[];
}

/**
 * @param name `<cluster>/<pool>`
 * @throws {Misconfigured} with what is wrong with the config's pools, with the name, or with a setting
 */
export function poolOf(file: ConfigFile, name: string, settings: readonly string[]): FoundPool {
  const parsed = parseSection(file, SECTION, nodePools);
  if ("problems" in parsed) throw new Misconfigured(parsed.problems.join("\n"));
  const pools = Object.entries(parsed.value).map(([pool, policy]) => ({
    ...{ pool, policy, cluster: clusterIn(policy) },
  }));
  const found = pools.find(({ pool, cluster }) => `${cluster}/${pool}` === name);
  if (!found) {
    const known = pools.map(({ pool, cluster }) => `${cluster}/${pool}`).join(", ") || "no pool";
    throw new Misconfigured(
      `--node-pool: found "${name}", expected <cluster>/<pool> as in ${file.name}, which has ${known}`,
    );
  }
  const { cluster, pool, policy } = found;
  const changed = settings.length > 0 ? changedPool(file, pool, settings) : undefined;
  return {
    ...{ cluster, pool, deployed: policy, settings },
    ...(changed && { changed }),
    others: pools.flatMap((other) => (other !== found && other.cluster === cluster ? [other.pool] : [])),
  };
}

const clusterIn = (policy: NodePool): string => policy.containerInsights ?? clusterOf(policy) ?? "";

function changedPool(file: ConfigFile, pool: string, settings: readonly string[]): NodePool {
  const section: unknown = file.sections[SECTION] ?? {};
  const raw: unknown = isObject(section) ? Reflect.get(section, pool) : undefined;
  const changed = settingsFile(isObject(raw) ? raw : {}, settings, SECTION, pool);
  const parsed = parseSection(changed, SECTION, nodePools);
  if ("problems" in parsed) throw new Misconfigured(parsed.problems.join("\n"));
  const policy = parsed.value[pool];
  if (!policy) throw new Error(`node pool ${pool} was parsed and is not there`);
  return policy;
}
