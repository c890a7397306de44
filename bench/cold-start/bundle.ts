import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { type BuildOptions, build } from "esbuild";
import { BUNDLE_OPTIONS } from "../../scripts/bundle/options.ts";
import { packagedConfig } from "../../scripts/bundle/packaged-config.ts";

const ROOT = join(import.meta.dirname, "..", "..");

/**
 * Bundles one entry as functions are bundled, with the config of stage dev in it; or, with
 * `whole`, without leaving any of the SDK out.
 */
export async function bundle(
  entry: { file: string } | { source: string },
  outfile: string,
  { whole = false } = {},
): Promise<{ bytes: number; gzipBytes: number }> {
  const options: BuildOptions = {
    ...("file" in entry
      ? { entryPoints: [join(ROOT, entry.file)] }
      : { stdin: { contents: entry.source, resolveDir: ROOT, loader: "ts" } }),
    ...BUNDLE_OPTIONS,
    plugins: whole ? [] : BUNDLE_OPTIONS.plugins,
    define: await packagedConfig(ROOT, "dev"),
    outfile,
  };
  await build(options);
  const code = readFileSync(outfile);
  return { bytes: code.length, gzipBytes: gzipSync(code).length };
}
