import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import * as z from "zod/mini";
import { parseConfigFile } from "../../shared/config/load.ts";
import type { Account } from "../account.ts";
import type { Surroundings } from "../page/page.ts";
import { startLocalSites } from "./local-sites.ts";
import { furnishNodePools, NODE_POOLS } from "./node-pools.ts";

/** What `npm run sandbox` has beside the template: sites that can be broken, a cluster with node pools. */
export interface Scenery {
  /** The path of the config: the stage's, and what is here. */
  readonly config: string;
  /** For `startAccount`: the functions look after the scenery too. */
  readonly environment: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** Puts the cluster into the account, and says what the page can show and move. */
  furnish(account: Account): Promise<Surroundings>;
  stop(): Promise<void>;
}

/** The functions that look after what is here. */
const FUNCTIONS = ["check-sites", "scale-node-pools", "drain-nodes"];

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/**
 * Starts the local sites, and writes the stage's config with them and the node pools in it.
 *
 * @param stage the one that is packaged: it is in the functions' names
 * @throws {Misconfigured} naming what is wrong with the stage's config
 */
export async function prepareScenery(stage: string): Promise<Scenery> {
  const name = `config/${stage}.yml`;
  const { sections } = await parseConfigFile(readFileSync(join(ROOT, name), "utf8"), name);
  const sites = await startLocalSites();
  const folder = mkdtempSync(join(tmpdir(), "reflex-scenery-"));
  const config = join(folder, "scenery.yml");
  // JSON is YAML too.
  writeFileSync(config, JSON.stringify(withScenery(sections, sites.section)));
  return {
    config,
    environment: Object.fromEntries(
      FUNCTIONS.map((functionName) => [`reflex-${stage}-${functionName}`, { REFLEX_CONFIG: config }]),
    ),
    furnish: async (account) => ({ sites: sites.switches, ...(await furnishNodePools(account)) }),
    stop: async () => {
      await sites.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** As far as it is added to; each automation checks its own section in full. */
const section = z.prefault(z.record(z.string(), z.unknown()), {});
const siteSection = z.prefault(
  z.looseObject({ allow: z._default(z.array(z.string()), []), list: section }),
  {},
);

/** The config with the scenery in it; what the config itself names goes before. */
export function withScenery(
  sections: Readonly<Record<string, unknown>>,
  local: { readonly allow: readonly string[]; readonly list: Readonly<Record<string, unknown>> },
): object {
  const sites = siteSection.parse(sections.sites);
  return {
    ...sections,
    sites: { ...sites, allow: [...sites.allow, ...local.allow], list: { ...local.list, ...sites.list } },
    nodePools: { ...NODE_POOLS, ...section.parse(sections.nodePools) },
  };
}
