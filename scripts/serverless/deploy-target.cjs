const { join } = require("node:path");

/** Says which account and region are changed before anything is, and refuses an account the config does not name. */
module.exports = class DeployTarget {
  constructor(serverless, _options, { log }) {
    const provider = serverless.getProvider("aws");
    const check = async () => {
      const { accountProblem } = require("../account/account-ids.ts");
      const { configName } = require("../../shared/config/read-file.ts");
      const { checkedConfig } = require("../checked-config.ts");
      const stage = provider.getStage();
      const name = configName(stage);
      const account = await provider.getAccountId();
      log.notice(`Stage ${stage}: account ${account}, region ${provider.getRegion()}`);
      const checked = await checkedConfig(join(__dirname, "..", ".."), name);
      const problem = "config" in checked ? accountProblem(checked.config.account, account) : undefined;
      if (problem !== undefined) throw new serverless.classes.Error(`${name}: ${problem}`);
    };
    this.hooks = {
      "before:deploy:deploy": check,
      "before:remove:remove": check,
      "before:rollback:initialize": check,
    };
  }
};
