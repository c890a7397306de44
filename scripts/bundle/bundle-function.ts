import { join } from "node:path";
import { build } from "esbuild";
import { strToU8, zipSync } from "fflate";
import { BUNDLE_OPTIONS } from "./options.ts";

/** A function as Lambda is given it: one file, which everything it needs is in. */
export interface Bundle {
  /** Where the handler's module stands below the service: `functions/reshard-streams/handler.js`. */
  readonly path: string;
  readonly code: string;
}

/** A file that everybody may read: Lambda runs a function as a user who does not own it. */
const READABLE = { os: 3, attrs: 0o100644 << 16 };
/** The same code gives the same zip, so that a deploy without changes has nothing to upload. The least a zip can say. */
const UNDATED = { mtime: new Date(1980, 0, 1) };

/**
 * @param root the folder of the service
 * @param handler as function.yml names it: `functions/reshard-streams/handler.handler`
 * @param define the config and what else is put in the place of variables (packaged-config.ts)
 */
export async function bundleFunction(
  root: string,
  handler: string,
  define: Readonly<Record<string, string>>,
): Promise<Bundle> {
  const module = handler.slice(0, handler.lastIndexOf("."));
  const { outputFiles } = await build({
    ...BUNDLE_OPTIONS,
    absWorkingDir: root,
    entryPoints: [`${module}.ts`],
    define: { ...define },
    outfile: join(root, `${module}.js`),
    write: false,
  });
  const [file] = outputFiles;
  if (file === undefined) throw new Error(`${module}.ts: esbuild wrote no file`);
  return { path: `${module}.js`, code: file.text };
}

/** The zip that is uploaded. */
export function zipOf({ path, code }: Bundle): Uint8Array {
  return zipSync({ [path]: [strToU8(code), READABLE] }, { level: 9, ...UNDATED });
}
