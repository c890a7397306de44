import { readFileSync } from "node:fs";
import * as z from "zod/mini";
import { messageOf } from "../errors/message-of.ts";
import { Misconfigured } from "../lambda/errors.ts";
import { keyWithoutSecrets, withoutSecrets } from "../secrets/clear-secrets.ts";
import { type ConfigFile, withSections } from "./file.ts";
import { proposal } from "./nearest.ts";
import { problemsOf } from "./problems.ts";

/**
 * The top-level keys of `config/<stage>.yml` that concern the whole service. Each other section belongs to an automation,
 * which has its schema.
 */
export const SERVICE_SECTIONS = ["mode", "notify", "account", "monitoring"] as const;

/**
 * `act` writes to AWS; `ask` writes what a person has approved; `observe` decides and notifies, and never writes. An
 * automation that asks nobody acts where the mode is `ask`.
 */
export const mode = z.enum(["act", "ask", "observe"]);
export type Mode = z.output<typeof mode>;

/** One thing that is wrong with a config: `config/dev.yml:7:5: streams.orders.max: found …, expected …`. */
export type Problem = string;

/** What a function finds its config by. */
export interface Environment {
  /**
   * Outside Lambda: the config to read in place of the packaged one. A packaged function takes JSON only, so that no
   * bundle holds a YAML reader; elsewhere it is a file or a folder of `<stage>.yml` files.
   */
  readonly REFLEX_CONFIG?: string | undefined;
  readonly REFLEX_STAGE?: string | undefined;
}

/**
 * The config this process runs by: what `REFLEX_CONFIG` names, else the one `serverless package` put into the bundle,
 * else `config/<stage>.yml` of the working directory.
 */
export async function readConfig(env: Environment): Promise<ConfigFile> {
  // Not a variable of the environment in a packaged function: the bundler replaces it by the config as JSON
  // (scripts/bundle/packaged-config.ts), and drops this branch with the YAML reader in it.
  if (!process.env.REFLEX_PACKAGED_CONFIG) {
    const { configName, readConfigFile } = await import("./read-file.ts");
    return readConfigFile(process.cwd(), configName(env.REFLEX_STAGE || "dev", env));
  }
  return env.REFLEX_CONFIG ? jsonFile(env.REFLEX_CONFIG) : packagedFile(process.env.REFLEX_PACKAGED_CONFIG);
}

function packagedFile(json: string): ConfigFile {
  const { name, document } = z.object({ name: z.string(), document: z.unknown() }).parse(JSON.parse(json));
  return withSections(document, name);
}

function jsonFile(name: string): ConfigFile {
  try {
    return withSections(JSON.parse(readFileSync(name, "utf8")), name);
  } catch (cause) {
    if (cause instanceof Misconfigured) throw cause;
    // A syntax error of JSON quotes the file.
    const reason = cause instanceof SyntaxError ? "it is no JSON" : messageOf(cause);
    throw new Misconfigured(`${name}: cannot be read (${reason}): nothing is managed`, { cause });
  }
}

/** Keys of the file that are no section: a misspelt section must not be skipped in silence. */
export function unknownSections(file: ConfigFile, known: readonly string[]): Problem[] {
  return Object.keys(file.sections)
    .filter((key) => !known.includes(key))
    .map(
      (key) => `${file.placeOf([key])}: ${keyWithoutSecrets(key)}: is no section, ${proposal(key, known)}`,
    );
}

/**
 * The names of all sections. `REFLEX_SECTIONS` is no variable of the environment in a packaged function: the bundler
 * replaces it by the sections of the automations that were found (scripts/bundle/packaged-config.ts).
 */
function knownSections({ sections }: ConfigFile): readonly string[] {
  const packaged = process.env.REFLEX_SECTIONS;
  return packaged ? z.array(z.string()).parse(JSON.parse(packaged)) : Object.keys(sections);
}

/** One section by its schema: its value, or everything that is wrong with it. A missing section is `{}`. */
export function parseSection<S extends z.ZodMiniType>(
  file: ConfigFile,
  section: string,
  schema: S,
): { value: z.output<S> } | { problems: Problem[] } {
  const raw = file.sections[section] ?? {};
  const parsed = schema.safeParse(raw);
  if (parsed.success) return { value: parsed.data };
  return { problems: problemsOf(parsed.error, { raw, section, schema, placeOf: file.placeOf }) };
}

/** The service-wide mode; `observe` when the file says nothing: nothing is changed that nobody asked for. */
export function serviceMode(file: ConfigFile): { value: Mode } | { problems: Problem[] } {
  const found = file.sections.mode;
  if (found === undefined) return { value: "observe" };
  const parsed = mode.safeParse(found);
  if (parsed.success) return { value: parsed.data };
  return {
    problems: [
      `${file.placeOf(["mode"])}: mode: found ${JSON.stringify(withoutSecrets(found, ["mode"]).value)}, expected "act" or "ask" or "observe"`,
    ],
  };
}

/**
 * What an automation runs by: its own section and the service-wide mode. Every problem of the file that
 * concerns it is in the one error.
 */
export async function loadConfig<S extends z.ZodMiniType>(
  section: string,
  schema: S,
  env: Environment = process.env,
): Promise<{ readonly mode: Mode; readonly policies: z.output<S> }> {
  const file = await readConfig(env);
  const service = serviceMode(file);
  const own = parseSection(file, section, schema);
  const problems = [
    ...unknownSections(file, knownSections(file)),
    ...("problems" in service ? service.problems : []),
    ...("problems" in own ? own.problems : []),
  ];
  if (problems.length > 0 || "problems" in service || "problems" in own) {
    throw new Misconfigured(`${problems.join("\n")}\nNothing is managed until this is corrected`);
  }
  return { mode: service.value, policies: own.value };
}
