import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A config file for functions in this sandbox, in place of the stage's own. */
export interface TemporaryConfig {
  /** Its path, for `REFLEX_CONFIG`. */
  readonly file: string;
  remove(): void;
}

/**
 * Writes a config to a temporary folder of its own.
 *
 * @param sections by the config's top-level keys, for example `{ sites: { … } }`
 */
export function writeTemporaryConfig(sections: object): TemporaryConfig {
  const folder = mkdtempSync(join(tmpdir(), "reflex-config-"));
  const file = join(folder, "config.yml");
  // JSON is YAML too.
  writeFileSync(file, JSON.stringify(sections));
  return { file, remove: () => rmSync(folder, { recursive: true, force: true }) };
}
