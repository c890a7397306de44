import { parse } from "yaml";
import type { StreamPolicy } from "../../functions/reshard-streams/config/policy.ts";
import { policyFor, streamPolicies } from "../../functions/reshard-streams/config/streams.ts";
import type { ConfigFile } from "../../shared/config/file.ts";
import { parseSection } from "../../shared/config/load.ts";
import { entryFor } from "../../shared/config/patterns.ts";
import { Misconfigured } from "../../shared/lambda/errors.ts";

const SECTION = "streams";

/** More than any stream of an account without a raised quota needs. */
const MAX_WITHOUT_ENTRY = 10_000;

/** The policy of one stream, and how it came about. */
export interface FoundPolicy {
  readonly policy: StreamPolicy;
  /** As the config has it: what `--set` changes. */
  readonly raw: object;
  /** Set where no entry of the config matches: the defaults were taken. */
  readonly note?: string;
}

/**
 * The deployed policy of a stream.
 *
 * @throws {Misconfigured} with everything that is wrong with the config's streams
 */
export function policyOf(file: ConfigFile, stream: string): FoundPolicy {
  const parsed = parseSection(file, SECTION, streamPolicies);
  if ("problems" in parsed) throw new Misconfigured(parsed.problems.join("\n"));
  const policy = policyFor(parsed.value, stream);
  const section: unknown = file.sections[SECTION] ?? {};
  const raw = isObject(section) ? entryFor(Object.fromEntries(Object.entries(section)), stream) : undefined;
  if (policy && isObject(raw)) return { policy, raw };
  return {
    policy: streamPolicies.parse({ [stream]: { max: MAX_WITHOUT_ENTRY } })[stream] ?? never(stream),
    raw: { max: MAX_WITHOUT_ENTRY },
    note: `No entry of ${file.name} matches ${stream}: the defaults are taken, with max ${MAX_WITHOUT_ENTRY}.`,
  };
}

/**
 * The policy with some keys set, checked by the config's own schema.
 *
 * @param settings `targetUtilisation=0.7`, `shardCapacity.recordsPerSecond=500`
 * @throws {Misconfigured} as for a config; the place is the option
 */
export function withSettings(raw: object, settings: readonly string[], stream: string): StreamPolicy {
  const parsed = parseSection(settingsFile(raw, settings, SECTION, stream), SECTION, streamPolicies);
  if ("problems" in parsed) throw new Misconfigured(parsed.problems.join("\n"));
  const policy = parsed.value[stream] ?? never(stream);
  if (!policy.ignore) return policy;
  throw new Misconfigured("--set ignore=true: found no policy to run, for such a stream is left alone");
}

/**
 * A config of one entry with some of its keys set; the place of what is wrong with it is the option.
 *
 * @throws {Misconfigured} when a setting is no key and value
 */
export function settingsFile(
  raw: object,
  settings: readonly string[],
  section: string,
  name: string,
): ConfigFile {
  const places = new Map<string, string>();
  let changed: object = raw;
  for (const setting of settings) {
    const [, key, value] = /^([\w.]+)=(.*)$/s.exec(setting) ?? [];
    if (key === undefined || value === undefined) {
      throw new Misconfigured(
        `--set: found "${setting}", expected a key and a value such as targetUtilisation=0.7`,
      );
    }
    const path = key.split(".");
    changed = withValue(changed, path, parsedValue(value, setting));
    places.set(path[0] ?? key, `--set ${setting}`);
  }
  return {
    name: "--set",
    sections: { [section]: { [name]: changed } },
    // Any other key stands in the config, which is right: what is wrong with it now is so because of what was set.
    placeOf: (path) => places.get(String(path[2])) ?? `--set ${settings.join(" --set ")}`,
  };
}

function withValue(target: object, [key = "", ...rest]: readonly string[], value: unknown): object {
  if (rest.length === 0) return { ...target, [key]: value };
  const inner: unknown = Reflect.get(target, key);
  return { ...target, [key]: withValue(isObject(inner) ? inner : {}, rest, value) };
}

/** As YAML has it in the config: 0.7 is a number, true is true, cost is a text. */
function parsedValue(text: string, setting: string): unknown {
  try {
    return parse(text);
  } catch {
    throw new Misconfigured(`--set: found "${setting}", expected a value as in the config`);
  }
}

export function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function never(stream: string): never {
  throw new Error(`the policy of ${stream} was parsed and is not there`);
}
