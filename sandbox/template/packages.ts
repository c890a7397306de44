import { existsSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { parseTemplateText } from "../cloudformation/source.ts";
import { packagesIn, type ReadCode } from "../lambda/artefacts.ts";
import type { Buckets } from "../s3/buckets.ts";
import { type FunctionEnvironments, withRolesOfConfigs } from "./roles-of-config.ts";
import { TEMPLATE_FILE } from "./template.ts";

/** The directories that `serverless package` wrote and that were deployed from, in that order. */
export class Packages {
  readonly #dirs: string[] = [];
  readonly #buckets: Buckets;

  constructor(buckets: Buckets) {
    this.#buckets = buckets;
  }

  /** Its template, and from now on its functions' code and nested templates. */
  async take(dir: string, environment: FunctionEnvironments = {}) {
    this.#dirs.push(dir);
    return templateIn(dir, environment);
  }

  /** What was uploaded, and else what was packaged, to the latest directory that has it. */
  readonly readCode: ReadCode = (location) => {
    const { bucket, key } = location;
    const uploaded = this.#buckets.object(bucket, key);
    if (uploaded) return uploaded.body;
    const dir = this.#dirs.findLast((one) => existsSync(join(one, basename(key)))) ?? this.#dirs.at(-1);
    if (dir !== undefined) return packagesIn(dir)(location);
    throw new Error(`Error occurred while GetObject. S3 Error Code: NoSuchKey (${bucket}/${key}).`);
  };

  /** By its URL, as scripts/serverless/nested-templates.cjs writes it; undefined where none was packaged. */
  nestedTemplate(url: string): string | undefined {
    const files = this.#dirs.map((dir) => join(dir, "nested", basename(url)));
    const found = files.findLast((file) => existsSync(file));
    return found && readFileSync(found, "utf8");
  }
}

/** The template in a directory, with the functions' roles by their configs. */
export async function templateIn(packageDir: string, environment: FunctionEnvironments = {}) {
  const file = join(packageDir, TEMPLATE_FILE);
  const { text, template } = parseTemplateText(readFileSync(file, "utf8"), file);
  return { text, template: await withRolesOfConfigs(template, environment) };
}
