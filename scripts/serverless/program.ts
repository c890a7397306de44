import { createRequire } from "node:module";
import { dirname, join } from "node:path";

/** The command `serverless` of this project: a script for `process.execPath`, so that it runs on the project's Node. */
export const SERVERLESS = join(
  dirname(createRequire(import.meta.url).resolve("serverless/package.json")),
  "bin",
  "serverless.js",
);
