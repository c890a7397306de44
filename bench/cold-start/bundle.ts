import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { type BuildOptions, build } from "esbuild";
import { parse } from "yaml";
import * as z from "zod/mini";
import { findAutomations } from "../../scripts/automations.ts";
import { sectionNames } from "../../scripts/checked-config.ts";
import { readConfigFile } from "../../shared/config/read-file.ts";

const ROOT = join(import.meta.dirname, "..", "..");

const service = z.looseObject({
  custom: z.looseObject({
    esbuild: z.looseObject({
      minify: z.boolean(),
      target: z.string(),
      format: z.literal("cjs"),
      mainFields: z.array(z.string()),
      exclude: z.array(z.string()),
    }),
  }),
});

/**
 * Bundles one entry as serverless.yml says functions are bundled, with the config of stage dev in it; or, with
 * `whole`, without leaving any of the SDK out.
 */
export async function bundle(
  entry: { file: string } | { source: string },
  outfile: string,
  { whole = false } = {},
): Promise<{ bytes: number; gzipBytes: number }> {
  const { minify, target, format, mainFields, exclude } = service.parse(
    // CloudFormation's short forms in it are nothing to a bundle, and no warning is wanted about them.
    parse(readFileSync(join(ROOT, "serverless.yml"), "utf8"), { logLevel: "silent" }),
  ).custom.esbuild;
  const options: BuildOptions = {
    ...("file" in entry
      ? { entryPoints: [join(ROOT, entry.file)] }
      : { stdin: { contents: entry.source, resolveDir: ROOT, loader: "ts" } }),
    bundle: true,
    platform: "node",
    minify,
    target,
    format,
    mainFields,
    external: whole ? [] : exclude,
    define: await packagedConfig(),
    outfile,
    logLevel: "error",
  };
  await build(options);
  const code = readFileSync(outfile);
  return { bytes: code.length, gzipBytes: gzipSync(code).length };
}

/** What scripts/serverless/packaged-config.cjs puts into a bundle, for stage dev. */
async function packagedConfig(): Promise<Record<string, string>> {
  const { name, sections } = readConfigFile(ROOT, "config/dev.yml");
  const text = (value: unknown) => JSON.stringify(JSON.stringify(value));
  return {
    "process.env.REFLEX_PACKAGED_CONFIG": text({ name, document: sections }),
    "process.env.REFLEX_SECTIONS": text(sectionNames(await findAutomations(ROOT))),
  };
}
