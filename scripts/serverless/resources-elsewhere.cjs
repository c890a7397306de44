const { configOf } = require("./config-of-stage.cjs");

/** What the stacks in other regions have beside the functions. */
module.exports = configOf((config, stage) => {
  const { templateElsewhere } = require("../stack/other-regions.ts");
  return templateElsewhere(config.automations, stage, process.env.REFLEX_HOME_REGION);
});
