const { writeFileSync } = require("node:fs");
const { join } = require("node:path");
const { strToU8, zipSync } = require("fflate");

/**
 * In the place of the bundles, where a test is about stacks and calls no function: every function is packaged as the same
 * few bytes. Bundling is more than half of what a packaging takes.
 */
module.exports = class NoBundles {
  constructor(serverless) {
    this.hooks = {
      "before:package:createDeploymentArtifacts": () => {
        const artifact = join(serverless.serviceDir, "no-bundle.zip");
        writeFileSync(artifact, zipSync({ "handler.js": strToU8("exports.handler = async () => {};") }));
        for (const each of Object.values(serverless.service.functions)) each.package = { artifact };
      },
    };
  }
};
