/**
 * `npm run import -- --stage prod [--package <folder>]`: takes tables, queues and buckets that outlived the stage's stack, or
 * were taken out of its config, into the stack again, with all that is in them. The next deploy goes on from there. Says
 * what it finds by name, changes nothing else, and ends with 1 where something cannot be imported. Without --package it
 * packages the service first. With --json what was imported is one object.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { CloudFormationClient } from "@aws-sdk/client-cloudformation";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { S3Client } from "@aws-sdk/client-s3";
import { SQSClient } from "@aws-sdk/client-sqs";
import { SERVERLESS, SERVERLESS_CACHES } from "../serverless/program.ts";
import { callerArn } from "../stage/caller.ts";
import { STAGE_OPTIONS, stageOptions } from "../stage/stage-options.ts";
import { findKept } from "./find-kept.ts";
import { parseStackTemplate } from "./kept-resources.ts";
import { createEmptyStack, importResources } from "./stack-import.ts";

const {
  package: given,
  json,
  ...values
} = parseArgs({
  options: { ...STAGE_OPTIONS, package: { type: "string" }, json: { type: "boolean", default: false } },
}).values;
const { stage, aws } = await stageOptions(values);
const packaged = parseStackTemplate(given === undefined ? templateOf(packagedAnew()) : templateOf(given));
const cloudformation = new CloudFormationClient(aws);
const s3 = new S3Client(aws);
const stack = `reflex-${stage}`;

const [, , , , account = ""] = (await callerArn(aws)).split(":");
const clients = { cloudformation, dynamodb: new DynamoDBClient(aws), sqs: new SQSClient(aws), s3 };
const { deployed, found } = await findKept(packaged, clients, { stack, account, region: aws.region });
const say = json ? () => {} : console.log;
if (found.length === 0) {
  say(`Nothing to import: no table, queue or bucket of stage ${stage} is there without its stack.`);
} else {
  say(`Found in ${aws.region}, without their stack:`);
  for (const { type, name } of found) say(`  ${type}  ${name}`);
  const into = deployed ?? (await createEmptyStack(cloudformation, stack, packaged));
  await importResources({ cloudformation, s3 }, { stack, stage, deployed: into, packaged, found });
  say(`${found.length} resources are in the stack ${stack} again. Next: reflex deploy --stage ${stage}`);
}
if (json) {
  const imported = found.map(({ type, name }) => ({ type, name }));
  console.log(JSON.stringify({ stage, region: aws.region, stack, imported }, undefined, 2));
}

function templateOf(folder: string): string {
  return readFileSync(join(folder, "cloudformation-template-update-stack.json"), "utf8");
}

function packagedAnew(): string {
  const folder = mkdtempSync(join(tmpdir(), "reflex-import-"));
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
  const { status } = spawnSync(
    process.execPath,
    [SERVERLESS, "package", "--stage", stage, "--package", join(folder, "package")],
    {
      cwd: join(import.meta.dirname, "..", ".."),
      env: { ...SERVERLESS_CACHES, ...process.env },
      stdio: "inherit",
    },
  );
  if (status !== 0) throw new Error(`Stage ${stage} could not be packaged: nothing was imported.`);
  return join(folder, "package");
}
