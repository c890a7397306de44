import { writeFileSync } from "node:fs";
import { parseConfigFile } from "../../../shared/config/read-file.ts";

/** Writes the config that packaged functions are to run by, from YAML; they act where it says nothing else. */
export function writeConfig(file: string, yaml: string): void {
  writeFileSync(file, JSON.stringify({ mode: "act", ...parseConfigFile(yaml, file).sections }));
}
