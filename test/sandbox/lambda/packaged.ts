import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { strToU8, zipSync } from "fflate";

/** A directory as `serverless package` writes it, with one zip that holds the given files. */
export function packaged(files: Readonly<Record<string, string>>): { dir: string; remove(): void } {
  const dir = mkdtempSync(join(tmpdir(), "reflex-test-package-"));
  const content = Object.fromEntries(Object.entries(files).map(([name, text]) => [name, strToU8(text)]));
  writeFileSync(join(dir, "functions.zip"), zipSync(content));
  return { dir, remove: () => rmSync(dir, { recursive: true, force: true }) };
}

/** The properties of a function of that package. */
export function functionProperties(name: string, changes: Readonly<Record<string, unknown>> = {}) {
  return {
    FunctionName: name,
    Code: { S3Bucket: "bucket", S3Key: "serverless/reflex/dev/functions.zip" },
    Handler: `functions/${name}/handler.handler`,
    Runtime: "nodejs24.x",
    MemorySize: 128,
    Timeout: 5,
    ...changes,
  };
}
