const { join } = require("node:path");
const { uploadNested, writeNested } = require("./nested-templates.cjs");

/** Gives the packaged template the shape and sizes that AWS and the account take (scripts/template/). */
module.exports = class ShapeTemplate {
  constructor(serverless, _options, { log }) {
    const provider = serverless.getProvider("aws");
    this.hooks = {
      "after:aws:package:finalize:mergeCustomProviderResources": async () => {
        const { configName } = require("../../shared/config/read-file.ts");
        const { checkedConfig } = require("../checked-config.ts");
        const { functionsElsewhere } = require("../stack/other-regions.ts");
        const { stageProblems } = require("../stack/refusals.ts");
        const { quotaProblems } = require("../template/quotas.ts");
        const { shapeResources } = require("../template/shape-template.ts");
        const stage = provider.getStage();
        const name = configName(stage);
        const checked = await checkedConfig(join(__dirname, "..", ".."), name);
        if ("problems" in checked) throw new serverless.classes.Error(checked.problems.join("\n"));
        const template = serverless.service.provider.compiledCloudFormationTemplate;
        const { account, automations } = checked.config;
        const functions = automations.flatMap((automation) => automation.functions);
        const inOtherStacks = [...functions, ...functionsElsewhere(automations)];
        const target = { stage, region: provider.getRegion(), account, inOtherStacks };
        const shaped = shapeResources(template.Resources, target);
        const problems = [...stageProblems(stage), ...quotaProblems(shaped, target.region)];
        if (problems.length > 0) {
          throw new serverless.classes.Error(problems.map((problem) => `${name}: ${problem}`).join("\n"));
        }
        template.Resources = shaped.resources;
        writeNested(serverless, shaped.nested);
        for (const note of shaped.notes) log.warning(note);
      },
      "after:aws:deploy:deploy:uploadArtifacts": async () => {
        if (!serverless.service.provider.shouldNotDeploy) await uploadNested(serverless);
      },
    };
  }
};
