const { configOf } = require("./config-of-stage.cjs");

/** What the stack has beside the functions and their triggers. */
module.exports = configOf((config, stage, root) => {
  const { functionFiles, stageInfo } = require("../stack/function-files.ts");
  const { stackTemplate } = require("../stack/stack-template.ts");
  return stackTemplate(config, stageInfo(stage, functionFiles(root)));
});
