/** For `serverless remove`: when the stack is gone, deletes the buckets that were to go with it. */
module.exports = class DeleteBuckets {
  constructor(serverless, _options, { log }) {
    const provider = serverless.getProvider("aws");
    const stack = () => provider.naming.getStackName();
    let names = [];
    this.hooks = {
      "before:remove:remove": async () => {
        const { CloudFormationClient } = require("@aws-sdk/client-cloudformation");
        const { bucketsToDelete } = require("../stack/buckets-of-stack.ts");
        names = await bucketsToDelete(new CloudFormationClient({ region: provider.getRegion() }), stack());
      },
      "after:remove:remove": async () => {
        const { S3Client } = require("@aws-sdk/client-s3");
        const { deleteBucket } = require("../stack/buckets-of-stack.ts");
        const client = new S3Client({ region: provider.getRegion() });
        for (const name of names) {
          await deleteBucket(client, name);
          log.notice(`Bucket ${name} was emptied and deleted`);
        }
      },
    };
  }
};
