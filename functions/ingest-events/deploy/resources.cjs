// Serverless loads .cjs only; what it says is in resources.ts, which Node 24 loads as it is.
const { configOf } = require("../../../scripts/config-of-stage.cjs");

module.exports = configOf(({ ingest }, stage) => {
  const { resourcesFor } = require("./resources.ts");
  return { Resources: resourcesFor(ingest, stage) };
});
