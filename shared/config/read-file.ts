import { readFileSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { composeConfig } from "./compose.ts";
import { type ConfigFile, withSections } from "./file.ts";

/**
 * The config file of a stage, as it is named in messages: in the folder that `REFLEX_CONFIG` names, or that file
 * itself, else `config/<stage>.yml`.
 */
export function configName(
  stage: string,
  { REFLEX_CONFIG }: { readonly REFLEX_CONFIG?: string | undefined } = process.env,
): string {
  if (!REFLEX_CONFIG) return `config/${stage}.yml`;
  const isFolder = statSync(REFLEX_CONFIG, { throwIfNoEntry: false })?.isDirectory() ?? false;
  return isFolder ? join(REFLEX_CONFIG, `${stage}.yml`) : REFLEX_CONFIG;
}

/**
 * Reads a config with all that it extends.
 *
 * @param root where a relative name begins
 * @throws {Misconfigured} with file, line and column
 */
export function readConfigFile(root: string, name: string): ConfigFile {
  return composed(name, (file) => readFileSync(resolve(root, file), "utf8"));
}

/** A config whose text is at hand. */
export function parseConfigFile(text: string, name: string): ConfigFile {
  return composed(name, () => text);
}

function composed(name: string, readText: (file: string) => string): ConfigFile {
  const { value, placeOf } = composeConfig(name, { readText, env: process.env });
  return withSections(value, name, (path) => {
    const { file, line, column } = placeOf(path);
    return `${file}:${line}:${column}`;
  });
}
