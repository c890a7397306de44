const { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } = require("node:fs");
const { join } = require("node:path");

/** The templates of nested stacks are a folder of what is packaged, each a file (scripts/template/nested/). */
const folderOf = (serverless) => join(serverless.serviceDir, ".serverless", "nested");

/** Writes them beside the other things that are packaged. */
exports.writeNested = (serverless, nested) => {
  const folder = folderOf(serverless);
  if (nested.length > 0) mkdirSync(folder, { recursive: true });
  for (const { fileName, text } of nested) writeFileSync(join(folder, fileName), text);
};

/** Uploads those that are packaged to where the stack's template says they are. */
exports.uploadNested = async (serverless) => {
  const { PutObjectCommand, S3Client } = require("@aws-sdk/client-s3");
  const { templateKey } = require("../template/nested/nested-stacks.ts");
  const folder = folderOf(serverless);
  if (!existsSync(folder)) return;
  const provider = serverless.getProvider("aws");
  const client = new S3Client(await provider.getAwsSdkV3Config());
  const Bucket = await provider.getServerlessDeploymentBucketName();
  for (const file of readdirSync(folder)) {
    const Key = templateKey(provider.getStage(), file);
    const Body = readFileSync(join(folder, file));
    await client.send(new PutObjectCommand({ Bucket, Key, Body, ContentType: "application/json" }));
  }
};
