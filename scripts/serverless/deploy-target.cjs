const { checkedConfigOf } = require("./config-of-stage.cjs");

/**
 * Says which account and region are changed before anything is, and refuses an account the config does not name, or that has
 * what a removed stage has left. Says why a nested stack failed.
 */
module.exports = class DeployTarget {
  constructor(serverless, _options, { log }) {
    const provider = serverless.getProvider("aws");
    const check = async () => {
      const { accountProblem } = require("../account/account-ids.ts");
      const stage = provider.getStage();
      const account = await provider.getAccountId();
      log.notice(`Stage ${stage}: account ${account}, region ${provider.getRegion()}`);
      const { name, config } = await checkedConfigOf(stage);
      const problem = config && accountProblem(config.account, account);
      if (problem !== undefined) throw new serverless.classes.Error(`${name}: ${problem}`);
    };
    /** What outlived its stack would make the deploy fail half-way, and be rolled back. */
    const refuseKept = async () => {
      const config = await provider.getAwsSdkV3Config();
      const { CloudFormationClient } = require("@aws-sdk/client-cloudformation");
      const { DynamoDBClient } = require("@aws-sdk/client-dynamodb");
      const { S3Client } = require("@aws-sdk/client-s3");
      const { SQSClient } = require("@aws-sdk/client-sqs");
      const { findKept, keptProblem } = require("../import/find-kept.ts");
      const clients = {
        cloudformation: new CloudFormationClient(config),
        dynamodb: new DynamoDBClient(config),
        s3: new S3Client(config),
        sqs: new SQSClient(config),
      };
      const stage = provider.getStage();
      const place = {
        stack: `reflex-${stage}`,
        account: await provider.getAccountId(),
        region: provider.getRegion(),
      };
      const template = serverless.service.provider.compiledCloudFormationTemplate;
      const problem = keptProblem(await findKept(template, clients, place), stage);
      if (problem !== undefined) throw new serverless.classes.Error(problem);
    };
    /** Serverless shows the events of the stack itself only. */
    const explainFailures = () => {
      const deploy = serverless.pluginManager
        .getPlugins()
        .find((one) => one.constructor.name === "AwsDeploy");
      const monitorStack = deploy.monitorStack.bind(deploy);
      deploy.monitorStack = async (...progress) => {
        try {
          return await monitorStack(...progress);
        } catch (error) {
          const { CloudFormationClient } = require("@aws-sdk/client-cloudformation");
          const { nestedFailures } = require("../stack/nested-failures.ts");
          const client = new CloudFormationClient(await provider.getAwsSdkV3Config());
          const reasons = await nestedFailures(client, error.message);
          throw reasons.length === 0
            ? error
            : new serverless.classes.Error([error.message, ...reasons].join("\n"));
        }
      };
    };
    this.hooks = {
      "before:aws:deploy:deploy:updateStack": explainFailures,
      "before:aws:deploy:deploy:createStack": refuseKept,
      "before:deploy:deploy": check,
      "before:remove:remove": check,
      "before:rollback:initialize": check,
    };
  }
};
