import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { findAutomations } from "../../scripts/automations.ts";
import { checkedConfig, configOf, type ServiceConfig } from "../../scripts/checked-config.ts";
import { functionFiles, stageInfo } from "../../scripts/stack/function-files.ts";
import { monitoringOf, type ServiceMonitoring } from "../../scripts/stack/monitoring.ts";
import { withSections } from "../../shared/config/file.ts";

export const ROOT = join(import.meta.dirname, "..", "..");
export const STAGE = "test";
export const AUTOMATIONS = await findAutomations(ROOT);
export const INFO = stageInfo(STAGE, functionFiles(ROOT));

/** A config file of the repository. */
export async function configIn(file: string): Promise<ServiceConfig> {
  const checked = await checkedConfig(ROOT, file);
  if ("config" in checked) return checked.config;
  throw new Error(`${file}: ${checked.problems.join("\n")}`);
}

/** A config of these sections. */
export function configWith(sections: Readonly<Record<string, unknown>>): ServiceConfig {
  const checked = configOf(withSections(sections, "a config"), AUTOMATIONS);
  if ("config" in checked) return checked.config;
  throw new Error(checked.problems.join("\n"));
}

export const watched = async (file = "test/e2e/setup/everything.yml"): Promise<ServiceMonitoring> =>
  monitoringOf((await configIn(file)).automations, INFO);

/** All code of a folder of the repository but what watches it. */
export function codeIn(folder: string): string {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts") && !file.endsWith("deploy/monitoring.ts"))
    .map((file) => readFileSync(join(ROOT, folder, file), "utf8"))
    .join("\n");
}
