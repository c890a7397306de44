// Serverless loads .cjs only; what it says is in resources.ts, which Node 24 loads as it is.
const { configOf } = require("../../../scripts/config-of-stage.cjs");

module.exports = configOf((sections, stage) => {
  const { templateFor } = require("./resources.ts");
  return templateFor(sections.sites, stage);
});
