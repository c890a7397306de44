// The bridge from serverless.yml to the checked config: serverless loads .cjs only, and the rest of the project is
// TypeScript, which Node 24 loads as it is.
const { join } = require("node:path");

/**
 * A function for `${file(….cjs)}`: hands the whole config of the stage to `use`, or fails `serverless package`
 * with everything that is wrong in it.
 */
exports.configOf =
  (use) =>
  async ({ resolveVariable }) => {
    if (Number(process.versions.node.split(".")[0]) < 24) {
      throw said(
        `Node ${process.version} is too old: run serverless through npm or npx, which use this project's own Node 24.`,
      );
    }
    const stage = await resolveVariable("sls:stage");
    const root = join(__dirname, "..", "..");
    const { configName } = require("../../shared/config/read-file.ts");
    const { checkedConfig } = require("../checked-config.ts");
    const checked = await checkedConfig(root, configName(stage));
    if ("problems" in checked) throw said(`\n${checked.problems.join("\n")}`);
    return use(checked.config, stage, root);
  };

/** Serverless prints an error's stack: a reader of a config error has no use for one. */
function said(message) {
  const error = new Error(message);
  error.stack = message;
  return error;
}
