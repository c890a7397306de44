// The bridge from serverless.yml to the checked config: serverless loads .cjs only, and the rest of the project is
// TypeScript, which Node 24 loads as it is.
const { join } = require("node:path");

const ROOT = join(__dirname, "..", "..");

/** By name: one run of serverless asks for it six times, and a large one takes a second to check. */
const checked = new Map();

/** The name of a stage's config, and that config or what is wrong in it. */
exports.checkedConfigOf = async (stage) => {
  const { configName } = require("../../shared/config/read-file.ts");
  const name = configName(stage);
  if (!checked.has(name)) checked.set(name, require("../checked-config.ts").checkedConfig(ROOT, name));
  return { name, ...(await checked.get(name)) };
};

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
    const { problems, config } = await exports.checkedConfigOf(stage);
    if (problems) throw said(`\n${problems.join("\n")}`);
    return use(config, stage, ROOT);
  };

/** Serverless prints an error's stack: a reader of a config error has no use for one. */
function said(message) {
  const error = new Error(message);
  error.stack = message;
  return error;
}
