import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { checkedConfig, type Sections } from "../../scripts/checked-config.ts";
import { functionLimits } from "../../scripts/function-limits.ts";
import { monitoringOf, type ServiceMonitoring } from "../../scripts/monitoring.ts";

export const ROOT = join(import.meta.dirname, "..", "..");
export const STAGE = "test";

/** The sections of a config file, all of them. */
export async function sectionsOf(file: string): Promise<Sections> {
  const { sections, problems } = await checkedConfig(ROOT, file);
  const { mode, notify, streams, sites, nodePools, ingest } = sections;
  if (problems.length > 0 || !mode || !notify || !streams || !sites || !nodePools || !ingest) {
    throw new Error(`${file} is not a whole config: ${problems.join("\n")}`);
  }
  return { mode, notify, streams, sites, nodePools, ingest };
}

export const watched = async (file = "test/e2e/everything.yml"): Promise<ServiceMonitoring> =>
  monitoringOf(await sectionsOf(file), STAGE, functionLimits(ROOT));

/** All code of a folder of the repository but what watches it. */
export function codeIn(folder: string): string {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts") && file !== "watch.ts")
    .map((file) => readFileSync(join(ROOT, folder, file), "utf8"))
    .join("\n");
}
