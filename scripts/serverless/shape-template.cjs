const { checkedConfigOf } = require("./config-of-stage.cjs");
const { uploadNested, writeNested } = require("./nested-templates.cjs");

/** Gives the packaged template the shape and sizes that AWS and the account take (scripts/template/). */
module.exports = class ShapeTemplate {
  constructor(serverless, _options, { log }) {
    const provider = serverless.getProvider("aws");
    this.hooks = {
      "after:aws:package:finalize:mergeCustomProviderResources": async () => {
        const { functionsElsewhere } = require("../stack/other-regions.ts");
        const { stageProblems } = require("../stack/refusals.ts");
        const { quotaProblems } = require("../template/quotas.ts");
        const { shapeResources } = require("../template/shape-template.ts");
        const stage = provider.getStage();
        const { name, problems: wrong, config } = await checkedConfigOf(stage);
        if (wrong) throw new serverless.classes.Error(wrong.join("\n"));
        const { account, automations } = config;
        const template = serverless.service.provider.compiledCloudFormationTemplate;
        const functions = automations.flatMap((automation) => automation.functions);
        const inOtherStacks = [...functions, ...functionsElsewhere(automations)];
        const target = { stage, region: provider.getRegion(), account, inOtherStacks };
        const shaped = shapeResources(template.Resources, target);
        const problems = [...stageProblems(stage), ...quotaProblems(shaped, target.region)];
        if (problems.length > 0) {
          throw new serverless.classes.Error(problems.map((problem) => `${name}: ${problem}`).join("\n"));
        }
        template.Resources = shaped.resources;
        // They are in the template now. Serverless would keep them in its state too, which takes it time by their square:
        // half of all that a config with 1,000 streams takes to package.
        serverless.service.resources = {};
        serverless.configurationInput.resources = {};
        writeNested(serverless, shaped.nested);
        for (const note of shaped.notes) log.warning(note);
      },
      "after:aws:deploy:deploy:uploadArtifacts": async () => {
        if (!serverless.service.provider.shouldNotDeploy) await uploadNested(serverless);
      },
    };
  }
};
