import { copyFileSync } from "node:fs";
import { join } from "node:path";
import { copyService } from "./service-copy.ts";

/** The config everything.yml. */
export const EVERYTHING = join(import.meta.dirname, "everything.yml");

/** What its config lands and does not create. */
export const STREAMS_BEFORE = ["payments"];

/** Packages the service by the config everything.yml, for stage dev. */
export async function packageEverything(): Promise<{ readonly dir: string; remove(): void }> {
  const copy = copyService("http://127.0.0.1:9");
  copyFileSync(EVERYTHING, join(copy.dir, "config", "dev.yml"));
  const dir = join(copy.dir, "package");
  const { code, output } = await copy.serverless("package", "--package", dir);
  if (code === 0) return { dir, remove: copy.remove };
  copy.remove();
  throw new Error(output);
}
