const { readFileSync } = require("node:fs");
const { join } = require("node:path");
const { configOf } = require("./config-of-stage.cjs");

/**
 * What the bundler puts in the place of two variables (shared/config/load.ts): the stage's config as JSON, so that no
 * function has to read YAML when it starts, and the names of all sections.
 */
module.exports = configOf(async (_config, stage, root) => {
  const { load } = require("js-yaml");
  const { findAutomations } = require("../automations.ts");
  const { sectionNames } = require("../checked-config.ts");
  const name = `config/${stage}.yml`;
  const document = load(readFileSync(join(root, name), "utf8")) ?? {};
  return {
    "process.env.REFLEX_PACKAGED_CONFIG": text({ name, document }),
    "process.env.REFLEX_SECTIONS": text(sectionNames(await findAutomations(root))),
  };
});

/** The text of a string literal that holds the value as JSON. */
const text = (value) => JSON.stringify(JSON.stringify(value));
