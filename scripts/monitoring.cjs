const { configOf } = require("./config-of-stage.cjs");

/** The alarms on Reflex itself, their topic, and the dashboard. */
module.exports = configOf((sections, stage, root) => {
  const { functionLimits } = require("./function-limits.ts");
  const { watchOf, watchResources } = require("./monitoring.ts");
  const watch = watchOf(sections, stage, functionLimits(root));
  return { Resources: watchResources(watch, sections.notify.emails, stage) };
});
