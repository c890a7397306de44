const { readFileSync } = require("node:fs");
const { join } = require("node:path");
const { configOf } = require("./config-of-stage.cjs");

/**
 * What the bundler puts in the place of `process.env.REFLEX_PACKAGED_CONFIG`: the stage's config as JSON, so that
 * no function has to read YAML when it starts (shared/config/load.ts).
 */
module.exports = configOf(async (_sections, stage, root) => {
  const { load } = require("js-yaml");
  const name = `config/${stage}.yml`;
  const document = load(readFileSync(join(root, name), "utf8")) ?? {};
  return { "process.env.REFLEX_PACKAGED_CONFIG": JSON.stringify(JSON.stringify({ name, document })) };
});
