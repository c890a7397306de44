// Serverless loads .cjs only; what it says is in resources.ts and role.ts, which Node 24 loads as it is.
const { configOf } = require("../../../scripts/config-of-stage.cjs");

module.exports = configOf((sections, stage) => {
  const { resourcesFor } = require("./resources.ts");
  const { roleFor } = require("./role.ts");
  return { Resources: { ...roleFor(sections.nodePools, stage), ...resourcesFor(sections.nodePools, stage) } };
});
