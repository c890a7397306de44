/**
 * The region where no option and no variable names one: that of the profile. Packaging needs a region also on a machine
 * without AWS; a deploy prints it first (scripts/serverless/deploy-target.cjs).
 */
module.exports = async ({ options }) => {
  const { regionOf } = require("../stage/region.ts");
  return regionOf({ profile: options["aws-profile"] }).catch(() => "us-east-1");
};
