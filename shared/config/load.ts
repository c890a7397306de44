import { existsSync, readFileSync } from "node:fs";
import { isAbsolute, join } from "node:path";
import * as z from "zod/mini";
import { Misconfigured } from "../lambda/errors.ts";
import { problemsOf } from "./problems.ts";

/**
 * The top-level keys of `config/<stage>.yml` that concern the whole service. Each other section belongs to an automation,
 * which has its schema.
 */
export const SERVICE_SECTIONS = ["mode", "notify"] as const;

/** `act` writes to AWS; `observe` decides and tells, and never writes. */
export const mode = z.enum(["act", "observe"]);
export type Mode = z.output<typeof mode>;

/** A parsed file: what its sections hold is not yet known to be right. */
export interface ConfigFile {
  /** As it is named in messages, for example `config/dev.yml`. */
  readonly name: string;
  readonly sections: Readonly<Record<string, unknown>>;
}

/** One thing that is wrong with a config: `config/dev.yml: streams.orders.max: found …, expected …`. */
export type Problem = string;

export interface Environment {
  /** A YAML file to read instead of what was packaged. */
  readonly REFLEX_CONFIG?: string | undefined;
  readonly REFLEX_STAGE?: string | undefined;
  readonly LAMBDA_TASK_ROOT?: string | undefined;
}

/**
 * Where the config is: `REFLEX_CONFIG` if set, else `config/<REFLEX_STAGE>.yml`; relative to the function's
 * root in Lambda, and to the working directory elsewhere (`serverless invoke local` sets LAMBDA_TASK_ROOT to a
 * folder that does not exist).
 */
export function configPath(env: Environment): { name: string; path: string } {
  const name = env.REFLEX_CONFIG || `config/${env.REFLEX_STAGE || "dev"}.yml`;
  if (isAbsolute(name)) return { name, path: name };
  const packaged = join(env.LAMBDA_TASK_ROOT ?? ".", name);
  return { name, path: existsSync(packaged) ? packaged : join(process.cwd(), name) };
}

/**
 * The config this process runs by: the file `REFLEX_CONFIG` names, else the one `serverless package` put into
 * the bundle, else `config/<stage>.yml`.
 */
export async function readConfig(env: Environment): Promise<ConfigFile> {
  const packaged = process.env.REFLEX_PACKAGED_CONFIG;
  if (packaged && !env.REFLEX_CONFIG) return packagedFile(packaged);
  const { name, path } = configPath(env);
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new Misconfigured(`${name}: cannot be read (${reason}): nothing is looked after`, { cause });
  }
  return parseConfigFile(text, name);
}

/**
 * `REFLEX_PACKAGED_CONFIG` is no variable of the environment in a packaged function: the bundler replaces it by
 * the file's content as JSON (scripts/serverless/packaged-config.cjs). Reading YAML at every cold start took 8 ms of 100.
 */
function packagedFile(json: string): ConfigFile {
  const { name, document } = z.object({ name: z.string(), document: z.unknown() }).parse(JSON.parse(json));
  return withSections(document, name);
}

export async function parseConfigFile(text: string, name: string): Promise<ConfigFile> {
  let document: unknown;
  try {
    // Loaded when it is needed: a packaged function finds its config in the bundle.
    const { load } = await import("js-yaml");
    document = load(text) ?? {};
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new Misconfigured(`${name}: is not YAML: ${reason}`, { cause });
  }
  return withSections(document, name);
}

function withSections(document: unknown, name: string): ConfigFile {
  if (typeof document !== "object" || document === null || Array.isArray(document)) {
    throw new Misconfigured(
      `${name}: found a ${Array.isArray(document) ? "list" : typeof document}, expected the sections ${SERVICE_SECTIONS.join(", ")} and those of the automations`,
    );
  }
  return { name, sections: { ...document } };
}

/** Keys of the file that are no section: a misspelt section must not be passed over in silence. */
export function unknownSections({ name, sections }: ConfigFile, known: readonly string[]): Problem[] {
  return Object.keys(sections)
    .filter((key) => !known.includes(key))
    .map((key) => `${name}: ${key}: is no section, expected one of ${known.join(", ")}`);
}

/**
 * The names of all sections. `REFLEX_SECTIONS` is no variable of the environment in a packaged function: the bundler
 * replaces it by the sections of the automations that were found (scripts/serverless/packaged-config.cjs).
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
  return { problems: problemsOf(parsed.error, raw, [section]).map((problem) => `${file.name}: ${problem}`) };
}

/** The service-wide mode; `act` when the file says nothing. */
export function serviceMode(file: ConfigFile): { value: Mode } | { problems: Problem[] } {
  const found = file.sections.mode;
  if (found === undefined) return { value: "act" };
  const parsed = mode.safeParse(found);
  if (parsed.success) return { value: parsed.data };
  return { problems: [`${file.name}: mode: found ${JSON.stringify(found)}, expected "act" or "observe"`] };
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
    throw new Misconfigured(`${problems.join("\n")}\nNothing is looked after until this is corrected`);
  }
  return { mode: service.value, policies: own.value };
}
