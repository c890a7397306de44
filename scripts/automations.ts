import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import type { Automation } from "../shared/automation/automation.ts";

/**
 * The automations of the service, by name: every folder under functions/ that has an `automation.ts`.
 *
 * @param root of the repository
 * @throws {Error} for a descriptor that does not carry its folder's name
 */
export async function findAutomations(root: string): Promise<readonly Automation[]> {
  const folder = join(root, "functions");
  const names = readdirSync(folder)
    .filter((name) => existsSync(join(folder, name, "automation.ts")))
    .toSorted();
  return Promise.all(names.map((name) => descriptorIn(folder, name)));
}

async function descriptorIn(folder: string, name: string): Promise<Automation> {
  const { automation }: { automation?: Automation } = await import(join(folder, name, "automation.ts"));
  if (automation?.name === name) return automation;
  throw new Error(
    `functions/${name}/automation.ts: found ${automation ? `the name "${automation.name}"` : "no export `automation`"}, expected a descriptor named "${name}".`,
  );
}
