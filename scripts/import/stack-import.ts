import { setTimeout as sleep } from "node:timers/promises";
import {
  type CloudFormationClient,
  CreateChangeSetCommand,
  CreateStackCommand,
  DescribeChangeSetCommand,
  DescribeStackResourceCommand,
  ExecuteChangeSetCommand,
  waitUntilStackCreateComplete,
  waitUntilStackImportComplete,
} from "@aws-sdk/client-cloudformation";
import { PutObjectCommand, type S3Client } from "@aws-sdk/client-s3";
import { templateKey } from "../template/nested/nested-stacks.ts";
import { importTemplate, type Kept, type StackTemplate, toImport } from "./kept-resources.ts";

/** As serverless has them in every stack of its own. */
const OF_SERVERLESS = ["ServerlessDeploymentBucket", "ServerlessDeploymentBucketPolicy"];

/** CloudFormation takes a larger template only from S3. */
const LARGEST_BODY = 51_200;
/** https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/import-resources.html */
const MOST_AT_ONCE = 200;

const CAPABILITIES = ["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM"] as const;
const waiting = (client: CloudFormationClient) => ({ client, maxWaitTime: 3600, minDelay: 1, maxDelay: 2 });

/** A stack with nothing but the bucket that packages are uploaded to, as the first deploy begins with. */
export async function createEmptyStack(
  client: CloudFormationClient,
  StackName: string,
  packaged: StackTemplate,
): Promise<StackTemplate> {
  const own = OF_SERVERLESS.flatMap((id) => {
    const resource = packaged.Resources[id];
    return resource ? [[id, resource] as const] : [];
  });
  const template = { Resources: Object.fromEntries(own) };
  await client.send(new CreateStackCommand({ StackName, TemplateBody: JSON.stringify(template) }));
  await waitUntilStackCreateComplete(waiting(client), { StackName });
  return template;
}

interface Import {
  readonly stack: string;
  readonly stage: string;
  readonly deployed: StackTemplate;
  readonly packaged: StackTemplate;
  readonly found: readonly (Kept & { readonly identifier: string })[];
}

interface Clients {
  readonly cloudformation: CloudFormationClient;
  readonly s3: S3Client;
}

/** @throws {Error} with CloudFormation's reason where it refuses */
export async function importResources(clients: Clients, { found, ...into }: Import): Promise<void> {
  let { deployed } = into;
  for (let at = 0; at < found.length; at += MOST_AT_ONCE) {
    const some = found.slice(at, at + MOST_AT_ONCE);
    const template = importTemplate(deployed, into.packaged, some);
    await importSome(clients, { ...into, found: some }, JSON.stringify(template), `reflex-import-${at}`);
    deployed = template;
  }
}

async function importSome(
  { cloudformation, s3 }: Clients,
  { stack: StackName, stage, found }: Omit<Import, "deployed" | "packaged">,
  template: string,
  ChangeSetName: string,
): Promise<void> {
  const isLarge = Buffer.byteLength(template) > LARGEST_BODY;
  const from = isLarge
    ? { TemplateURL: await uploaded({ cloudformation, s3 }, { StackName, stage, template }) }
    : { TemplateBody: template };
  await cloudformation.send(
    new CreateChangeSetCommand({
      ...from,
      StackName,
      ChangeSetName,
      ChangeSetType: "IMPORT",
      Capabilities: [...CAPABILITIES],
      ResourcesToImport: found.map((kept) => toImport(kept, kept.identifier)),
    }),
  );
  await created(cloudformation, { StackName, ChangeSetName });
  await cloudformation.send(new ExecuteChangeSetCommand({ StackName, ChangeSetName }));
  await waitUntilStackImportComplete(waiting(cloudformation), { StackName });
}

/** @throws {Error} where the change set is refused */
async function created(
  client: CloudFormationClient,
  names: { readonly StackName: string; readonly ChangeSetName: string },
): Promise<void> {
  for (;;) {
    const { Status, StatusReason } = await client.send(new DescribeChangeSetCommand(names));
    if (Status === "CREATE_COMPLETE") return;
    if (Status === "FAILED") throw new Error(`CloudFormation refuses the import: ${StatusReason}`);
    await sleep(1000);
  }
}

async function uploaded(
  { cloudformation, s3 }: Clients,
  { StackName, stage, template }: { StackName: string; stage: string; template: string },
): Promise<string> {
  const { StackResourceDetail } = await cloudformation.send(
    new DescribeStackResourceCommand({ StackName, LogicalResourceId: "ServerlessDeploymentBucket" }),
  );
  const Bucket = StackResourceDetail?.PhysicalResourceId ?? "";
  const Key = templateKey(stage, "import.json");
  await s3.send(new PutObjectCommand({ Bucket, Key, Body: template, ContentType: "application/json" }));
  const region = await s3.config.region();
  const suffix = region.startsWith("cn-") ? "amazonaws.com.cn" : "amazonaws.com";
  return `https://s3.${region}.${suffix}/${Bucket}/${Key}`;
}
