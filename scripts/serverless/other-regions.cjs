const { spawnSync } = require("node:child_process");
const { existsSync, renameSync, rmSync } = require("node:fs");
const { join } = require("node:path");
const { checkedConfigOf } = require("./config-of-stage.cjs");

const ROOT = join(__dirname, "..", "..");

/**
 * Deploys what the config wants in other regions before the service itself, and takes away what it does not want there
 * any more, or what a removed service leaves there. Each region has a package of its own inside the service's, so that
 * `deploy --package` finds all of it.
 */
module.exports = class OtherRegions {
  constructor(serverless, options, { log }) {
    const provider = serverless.getProvider("aws");
    const home = () => provider.getRegion();
    const packageFor = (region) => `in-${region}-for-${home()}`;
    let before = [];

    /** Serverless works in the one folder `.serverless`, whatever is asked of it: the service's is put aside meanwhile. */
    const aside = (work) => {
      const own = join(serverless.serviceDir, ".serverless");
      const kept = join(serverless.serviceDir, ".serverless-of-home");
      const isThere = existsSync(own);
      rmSync(kept, { recursive: true, force: true });
      if (isThere) renameSync(own, kept);
      try {
        work(options.package ?? kept);
      } finally {
        rmSync(own, { recursive: true, force: true });
        if (isThere) renameSync(kept, own);
      }
    };

    const run = (command, region, ...args) => {
      const { SERVERLESS } = require("./program.ts");
      const config = ["--config", "serverless.other-regions.yml"];
      const where = ["--stage", provider.getStage(), "--region", region];
      const profile = options["aws-profile"] === undefined ? [] : ["--aws-profile", options["aws-profile"]];
      const env = { ...process.env, REFLEX_HOME_REGION: home() };
      const { status } = spawnSync(
        process.execPath,
        [SERVERLESS, command, ...config, ...where, ...profile, ...args],
        { cwd: ROOT, env, stdio: "inherit" },
      );
      if (status !== 0) throw new serverless.classes.Error(`The ${command} in ${region} failed`);
    };

    /** What `package` has left for this region and `deploy --package` is to take. */
    const packaged = (packages, region) => {
      if (options.package === undefined) return [];
      const dir = join(packages, packageFor(region));
      if (existsSync(dir)) return ["--package", dir];
      const message = `${dir} is not there: package by this config and for this region (--region ${home()})`;
      throw new serverless.classes.Error(message);
    };

    const wanted = async () => {
      const { regionProblems, regionsElsewhere } = require("../stack/other-regions.ts");
      const { name, problems, config } = await checkedConfigOf(provider.getStage());
      if (problems) throw new serverless.classes.Error(problems.join("\n"));
      const [problem] = regionProblems(config.automations, home());
      if (problem !== undefined) throw new serverless.classes.Error(`${name}: ${problem}`);
      return regionsElsewhere(config.automations);
    };

    const deployed = () => {
      const { CloudFormationClient } = require("@aws-sdk/client-cloudformation");
      const { deployedElsewhere } = require("../stack/stacks-elsewhere.ts");
      const client = new CloudFormationClient({ region: home() });
      return deployedElsewhere(client, provider.naming.getStackName());
    };

    const remove = async (regions) => {
      const { stackElsewhere } = require("../stack/other-regions.ts");
      const { removeStack } = require("../stack/stacks-elsewhere.ts");
      const name = stackElsewhere(provider.getStage(), home());
      for (const region of regions) {
        await removeStack(name, region);
        log.notice(`Stack ${name} in ${region} was removed`);
      }
    };

    this.hooks = {
      "after:package:finalize": async () => {
        // A deploy that packages has each region package as it deploys.
        if (serverless.processedInput.commands[0] !== "package") return;
        const regions = await wanted();
        if (regions.length === 0) return;
        aside((packages) => {
          for (const region of regions)
            run("package", region, "--package", join(packages, packageFor(region)));
        });
      },
      "before:deploy:deploy": async () => {
        before = await deployed();
        const regions = await wanted();
        if (regions.length === 0) return;
        aside((packages) => {
          for (const region of regions) {
            run("deploy", region, ...packaged(packages, region), ...(options.force ? ["--force"] : []));
          }
        });
      },
      "after:deploy:deploy": async () => {
        const regions = await wanted();
        await remove(before.filter((region) => !regions.includes(region)));
      },
      "after:rollback:rollback": async () => {
        const { stackElsewhere } = require("../stack/other-regions.ts");
        const regions = await deployed();
        if (regions.length === 0) return;
        const name = stackElsewhere(provider.getStage(), home());
        log.warning(
          `${name} in ${regions.join(" and ")} was not rolled back: it is as the last deploy left it. Until the next deploy, it cannot check a site whose address has changed since, and that site's failures stand as they are found here`,
        );
      },
      "before:remove:remove": async () => {
        before = await deployed();
      },
      "after:remove:remove": () => remove(before),
    };
  }
};
