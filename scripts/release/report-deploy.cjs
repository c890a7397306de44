const { checkedConfigOf } = require("../serverless/config-of-stage.cjs");

/**
 * Prints below "Service deployed" what was created, what somebody has to confirm, and what to do next; the last two also below "No
 * changes to deploy", where serverless itself prints nothing more.
 */
module.exports = class ReportDeploy {
  constructor(serverless, _options, { log, writeText }) {
    const provider = serverless.getProvider("aws");
    const contents = async () => {
      const { CloudFormationClient } = require("@aws-sdk/client-cloudformation");
      const { stackContents } = require("./stack-contents.ts");
      const client = new CloudFormationClient(await provider.getAwsSdkV3Config());
      return stackContents(client, provider.naming.getStackName());
    };
    const report = async (before) => {
      const { SNSClient } = require("@aws-sdk/client-sns");
      const { afterDeploy, unconfirmedAddresses } = require("./after-deploy.ts");
      const stage = provider.getStage();
      const after = await contents();
      const sns = new SNSClient(await provider.getAwsSdkV3Config());
      const unconfirmed = await unconfirmedAddresses(sns, after);
      const { config } = await checkedConfigOf(stage);
      return afterDeploy({ stage, mode: config.mode, before, after, unconfirmed });
    };
    /** What was deployed is deployed, whether or not it can be listed. */
    const orNote = async (work) => {
      try {
        return await work();
      } catch (error) {
        log.warning(`What this deploy created is not listed: ${error.message}`);
        return undefined;
      }
    };
    const isUnchanged = () => {
      const { shouldNotDeploy, deploymentWithEmptyChangeSet } = serverless.service.provider;
      return shouldNotDeploy || deploymentWithEmptyChangeSet;
    };
    let before;
    let open = {};
    this.hooks = {
      "before:deploy:deploy": async () => {
        before = await orNote(contents);
      },
      "after:deploy:deploy": async () => {
        if (before === undefined) return;
        const { created = [], ...others } = (await orNote(() => report(before))) ?? {};
        open = others;
        if (isUnchanged()) return;
        for (const [heading, lines] of Object.entries({ created, ...open })) {
          if (lines.length > 0) serverless.addServiceOutputSection(heading, lines);
        }
      },
      // After serverless' own, which comes first.
      finalize: () => {
        if (!isUnchanged()) return;
        for (const [heading, lines] of Object.entries(open)) {
          if (lines.length > 0) writeText(`${heading}:\n  ${lines.join("\n  ")}`);
        }
      },
    };
  }
};
