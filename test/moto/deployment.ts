import { spawn } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { CloudFormationClient, paginateListStackResources } from "@aws-sdk/client-cloudformation";
import { GetFunctionConfigurationCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { clientFor } from "../../sandbox/demos/client.ts";
import { unzip } from "../../sandbox/lambda/artefacts.ts";
import { copyService, type ServiceCopy } from "../e2e/setup/service-copy.ts";
import { type RecordingProxy, startRecordingProxy } from "./recording-proxy.ts";

export interface Invoked {
  readonly result: unknown;
  /** Its calls with their outcomes, by name: what is asked side by side ends in any order. */
  readonly calls: readonly string[];
}

/** The service, deployed by its own `serverless deploy` to an AWS on this machine. */
export interface Deployment {
  /** What serverless printed. */
  readonly output: string;
  readonly code: number | null;
  /** Options of any SDK client of this AWS. */
  readonly client: ReturnType<typeof clientFor>;
  /** `<type> <logical id>` of each resource, nested stacks with them. */
  resources(): Promise<string[]>;
  invoke(functionName: string, event: unknown): Promise<Invoked>;
  stop(): Promise<void>;
}

export async function deploy(port: number, config: string): Promise<Deployment> {
  const endpoint = `http://127.0.0.1:${port}`;
  const copy = copyService(endpoint);
  writeFileSync(join(copy.dir, "config", "dev.yml"), config);
  const proxy = await startRecordingProxy(port);
  const client = clientFor({ url: endpoint });
  const lambda = new LambdaClient(client);
  const { code, output } = await copy.serverless("deploy");
  return {
    output,
    code,
    client,
    resources: () => resourcesOf(new CloudFormationClient(client), "reflex-dev"),
    async invoke(FunctionName, event) {
      const { Environment, Handler, FunctionArn } = await lambda.send(
        new GetFunctionConfigurationCommand({ FunctionName }),
      );
      const environment = {
        ...Environment?.Variables,
        AWS_LAMBDA_FUNCTION_NAME: FunctionName,
        FUNCTION_ARN: FunctionArn ?? "",
      };
      return runBundle({ copy, proxy, event, environment, handler: Handler ?? "" }, FunctionName);
    },
    async stop() {
      lambda.destroy();
      await proxy.stop();
      copy.remove();
    },
  };
}

async function resourcesOf(client: CloudFormationClient, StackName: string): Promise<string[]> {
  const found: string[] = [];
  for await (const { StackResourceSummaries = [] } of paginateListStackResources({ client }, { StackName })) {
    for (const { ResourceType, LogicalResourceId, PhysicalResourceId } of StackResourceSummaries) {
      found.push(`${ResourceType} ${LogicalResourceId}`);
      if (ResourceType === "AWS::CloudFormation::Stack" && PhysicalResourceId)
        found.push(...(await resourcesOf(client, PhysicalResourceId)));
    }
  }
  return found.toSorted();
}

interface BundleRun {
  readonly copy: ServiceCopy;
  readonly proxy: RecordingProxy;
  readonly event: unknown;
  readonly environment: Readonly<Record<string, string>>;
  readonly handler: string;
}

async function runBundle(
  { copy, proxy, event, environment, handler }: BundleRun,
  functionName: string,
): Promise<Invoked> {
  const folder = unpacked(copy, functionName.replace(/^reflex-dev-/, ""));
  proxy.take();
  const child = spawn(process.execPath, [join(import.meta.dirname, "run-function.ts"), folder, handler], {
    timeout: 60_000,
    killSignal: "SIGKILL",
    env: {
      ...environment,
      AWS_ENDPOINT_URL: proxy.url,
      AWS_REGION: "us-east-1",
      AWS_ACCESS_KEY_ID: "test",
      AWS_SECRET_ACCESS_KEY: "test",
      AWS_XRAY_CONTEXT_MISSING: "IGNORE_ERROR",
    },
  });
  child.stdin.end(JSON.stringify(event));
  // EMF metrics and the result are on stdout, warnings on stderr.
  const [out, errors, code] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    new Promise((resolve, reject) => child.once("close", resolve).once("error", reject)),
  ]);
  if (code !== 0) throw new Error(`${functionName} ended with ${code}:\n${(out + errors).slice(-4000)}`);
  return {
    result: JSON.parse(out.trim().split("\n").at(-1) ?? "null"),
    calls: proxy.take().toSorted(),
  };
}

/** Inside the copy, whose node_modules have what Lambda's runtime has: the SDK's clients that a bundle leaves out. */
function unpacked({ dir }: ServiceCopy, name: string): string {
  const folder = join(dir, "unpacked", name);
  if (existsSync(folder)) return folder;
  unzip(name, readFileSync(join(dir, ".serverless", `${name}.zip`)), folder);
  return folder;
}
