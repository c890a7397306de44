import { createRequire } from "node:module";
import { dirname, join } from "node:path";

const PACKAGE = dirname(createRequire(import.meta.url).resolve("serverless/package.json"));

/** The command `serverless` of this project: a script for `process.execPath`, so that it runs on the project's Node. */
export const SERVERLESS = join(PACKAGE, "bin", "serverless.js");

const CACHE = join(PACKAGE, "..", ".cache", "reflex");

/** Where Node keeps what it has compiled of this project's programs and packages. */
export const COMPILED = join(CACHE, "compiled");

/**
 * The environment in which `serverless` starts in half the time: Node compiles its thousand files once (1 s), and it
 * compiles the schema of serverless.yml once, whatever the home folder (3 s).
 */
export const SERVERLESS_CACHES = {
  NODE_COMPILE_CACHE: COMPILED,
  SLS_SCHEMA_CACHE_BASE_DIR: CACHE,
};
