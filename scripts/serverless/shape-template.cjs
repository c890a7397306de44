const { join } = require("node:path");

/** Gives the packaged template the shape and sizes that AWS and the account take (scripts/template/). */
module.exports = class ShapeTemplate {
  constructor(serverless, _options, { log }) {
    const provider = serverless.getProvider("aws");
    this.hooks = {
      "after:aws:package:finalize:mergeCustomProviderResources": async () => {
        const { configName } = require("../../shared/config/read-file.ts");
        const { checkedConfig } = require("../checked-config.ts");
        const { stageProblems } = require("../stack/refusals.ts");
        const { quotaProblems } = require("../template/quotas.ts");
        const { shapeResources } = require("../template/shape-template.ts");
        const stage = provider.getStage();
        const name = configName(stage);
        const checked = await checkedConfig(join(__dirname, "..", ".."), name);
        if ("problems" in checked) throw new serverless.classes.Error(checked.problems.join("\n"));
        const template = serverless.service.provider.compiledCloudFormationTemplate;
        const target = { stage, region: provider.getRegion(), account: checked.config.account };
        const { resources, notes } = shapeResources(template.Resources, target);
        const problems = [...stageProblems(stage), ...quotaProblems(resources, target.region)];
        if (problems.length > 0) {
          throw new serverless.classes.Error(problems.map((problem) => `${name}: ${problem}`).join("\n"));
        }
        template.Resources = resources;
        for (const note of notes) log.warning(note);
      },
    };
  }
};
