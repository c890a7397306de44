const { configOf } = require("./config-of-stage.cjs");

/** The alarms on Reflex itself, their topic, and the dashboard. */
module.exports = configOf((sections, stage, root) => {
  const { functionLimits } = require("./function-limits.ts");
  const { monitoringOf, monitoringResources } = require("./monitoring.ts");
  const watch = monitoringOf(sections, stage, functionLimits(root));
  return { Resources: monitoringResources(watch, sections.notify.emails, stage) };
});
