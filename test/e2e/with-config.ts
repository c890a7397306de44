import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { TEMPLATE_FILE } from "../../sandbox/template/template.ts";

/** A package whose functions run by another config than the one they were packaged with. */
export interface ConfiguredPackage {
  readonly dir: string;
  remove(): void;
}

/** Copies the package and sets `REFLEX_CONFIG` for every function, as a deploy with that variable would. */
export function withConfig(packageDir: string, yaml: string): ConfiguredPackage {
  const root = mkdtempSync(join(tmpdir(), "reflex-e2e-"));
  const dir = join(root, "package");
  const config = join(root, "e2e.yml");
  cpSync(packageDir, dir, { recursive: true });
  writeFileSync(config, yaml);
  const template = JSON.parse(readFileSync(join(dir, TEMPLATE_FILE), "utf8"));
  for (const resource of Object.values<Resource>(template.Resources)) {
    if (resource.Type !== "AWS::Lambda::Function") continue;
    resource.Properties.Environment ??= { Variables: {} };
    resource.Properties.Environment.Variables.REFLEX_CONFIG = config;
  }
  writeFileSync(join(dir, TEMPLATE_FILE), JSON.stringify(template));
  return { dir, remove: () => rmSync(root, { recursive: true, force: true }) };
}

interface Resource {
  readonly Type: string;
  readonly Properties: { Environment?: { Variables: Record<string, unknown> } };
}
