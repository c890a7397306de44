import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import * as z from "zod/mini";
import type { StageInfo } from "../../shared/monitoring/monitoring.ts";

/** As far as this looks at a function.yml. */
const Declared = z.looseObject({
  handler: z.string(),
  name: z.string(),
  /** Seconds. */
  timeout: z.int(),
  /** MB. */
  memorySize: z.int(),
  events: z._default(z.array(z.unknown()), []),
});

export type FunctionFile = z.output<typeof Declared>;

/**
 * Every function.yml below functions/, by the function's name without `reflex-<stage>-`.
 *
 * @throws {Error} for a function.yml that lacks what every function must have
 */
export function functionFiles(root: string): ReadonlyMap<string, FunctionFile> {
  const folder = join(root, "functions");
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((file) => /(^|[\\/])function\.yml$/.test(file))
    .toSorted();
  return new Map(
    files.map((file) => {
      const parsed = z.safeParse(Declared, parse(readFileSync(join(folder, file), "utf8")));
      if (!parsed.success) throw new Error(`functions/${file}: ${z.prettifyError(parsed.error)}`);
      const name = parsed.data.name
        .replace(/^reflex-\$\{sls:stage\}-/, "")
        .replace(/-for-\$\{env:REFLEX_HOME_REGION\}$/, "");
      return [name, parsed.data];
    }),
  );
}

/**
 * A stage with what its functions are given there.
 *
 * @throws {Error} when it is asked about a function of which there is no function.yml
 */
export function stageInfo(stage: string, files: ReadonlyMap<string, FunctionFile>): StageInfo {
  const fileOf = (name: string): FunctionFile => {
    const file = files.get(name);
    if (file) return file;
    throw new Error(`functions/: no function.yml declares ${name}, which a descriptor names.`);
  };
  return {
    stage,
    timeoutMs: (name) => fileOf(name).timeout * 1000,
    memoryMb: (name) => fileOf(name).memorySize,
  };
}
