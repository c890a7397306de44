import { Misconfigured } from "../lambda/errors.ts";

/** A config that was read: what its sections hold is not yet known to be right. */
export interface ConfigFile {
  /** As it is named in messages, for example `config/dev.yml`. */
  readonly name: string;
  readonly sections: Readonly<Record<string, unknown>>;
  /** Where the value at `path` stands, as messages say it: `config/dev.yml:7:5`, or only the file. */
  readonly placeOf: (path: readonly PropertyKey[]) => string;
}

/** @throws {Misconfigured} when the document is no map of sections */
export function withSections(
  document: unknown,
  name: string,
  placeOf: ConfigFile["placeOf"] = () => name,
): ConfigFile {
  if (typeof document !== "object" || document === null || Array.isArray(document)) {
    throw new Misconfigured(
      `${name}: found a ${Array.isArray(document) ? "list" : typeof document}, expected sections such as \`mode\` and \`streams\``,
    );
  }
  return { name, sections: { ...document }, placeOf };
}
