const { configOf } = require("./config-of-stage.cjs");

/**
 * What the bundler puts in the place of three variables: the stage's config as JSON, so that no function has to read YAML
 * when it starts, the names of all sections (shared/config/load.ts), and where the runbook is (shared/notify/notify.ts).
 */
module.exports = configOf(async (_config, stage, root) => {
  const { findAutomations } = require("../automations.ts");
  const { sectionNames } = require("../checked-config.ts");
  const { configName, readConfigFile } = require("../../shared/config/read-file.ts");
  const { name, sections } = readConfigFile(root, configName(stage));
  // No function has any use for what the account demands of the stack.
  const { account: _account, ...document } = sections;
  return {
    "process.env.REFLEX_PACKAGED_CONFIG": text({ name, document }),
    // Every message links to its heading there.
    "process.env.REFLEX_RUNBOOK": JSON.stringify(document.notify?.links?.runbook ?? ""),
    "process.env.REFLEX_SECTIONS": text(sectionNames(await findAutomations(root))),
  };
});

/** The text of a string literal that holds the value as JSON. */
const text = (value) => JSON.stringify(JSON.stringify(value));
