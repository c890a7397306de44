// Serverless loads .cjs only; what it says is in when-removed.ts, which Node 24 loads as it is.
const { configOf } = require("./config-of-stage.cjs");

/** The DeletionPolicy of what cannot be had again. */
module.exports = configOf((_sections, stage) => {
  const { deletionPolicy } = require("../shared/config/deletion-policy.ts");
  return deletionPolicy(stage);
});
