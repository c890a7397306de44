// Serverless loads .cjs only; what it says is in schedules.ts, which Node 24 loads as it is.
const { configOf } = require("../../../scripts/config-of-stage.cjs");

module.exports = configOf((sections, stage) => {
  const { schedulesFor } = require("./schedules.ts");
  return schedulesFor(sections.sites, stage);
});
