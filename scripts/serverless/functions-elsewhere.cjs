const { configOf } = require("./config-of-stage.cjs");

/** The functions that are deployed in other regions: what their function.yml says. */
module.exports = configOf((config, _stage, root) => {
  const { functionFiles } = require("../stack/function-files.ts");
  const { functionsElsewhere } = require("../stack/other-regions.ts");
  const files = functionFiles(root);
  return Object.fromEntries(functionsElsewhere(config.automations).map((name) => [name, files.get(name)]));
});
