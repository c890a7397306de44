const { configOf } = require("../../../scripts/config-of-stage.cjs");

module.exports = configOf(({ ingest, streams }) => {
  const { eventsFor } = require("./resources.ts");
  return eventsFor(ingest, streams);
});
