/**
 * `npm run sandbox`: AWS on this machine until Ctrl-C, with everything `serverless.yml` declares.
 *
 * --port <number>  the port of 127.0.0.1; 4566, which is LocalStack's too, when left out
 * --verbose        list every resource and what has no effect here, and log all that each function answers
 */
import { type Account, startAccount } from "./account.ts";
import { ADMIN_TOKEN, type EksCluster } from "./eks/clusters.ts";
import { prepareFixtures } from "./fixtures/fixtures.ts";
import { AWS_WRITE_LIMIT } from "./kinesis/write-limit.ts";
import { servePage } from "./page/page.ts";
import { invocationLine } from "./run/invocation-line.ts";
import { checkPort, type ServeOptions, serveOptions } from "./run/serve-options.ts";
import { packageService } from "./template/package-service.ts";

const STAGE = "dev";

async function serve({ port, verbose }: ServeOptions, ended: AbortSignal): Promise<void> {
  await checkPort(port);
  say("Packaging the service (serverless package) …");
  const built = await packageService(STAGE, ended);
  const fixtures = await prepareFixtures(STAGE);
  try {
    say("Starting AWS on this machine …");
    const account = await startAccount({
      packageDir: built.dir,
      speed: 1,
      port,
      writeLimit: AWS_WRITE_LIMIT,
      environment: fixtures.environment,
      log: say,
      onInvocation: (invocation) => say(invocationLine(invocation, verbose ? "whole" : "short")),
    });
    try {
      servePage(account, await fixtures.createIn(account));
      console.log(
        [...(verbose ? inventory(account) : []), ...introduction(account, fixtures.config)].join("\n"),
      );
      await untilAborted(ended);
    } finally {
      await account.stop();
    }
  } finally {
    await fixtures.stop();
    built.remove();
  }
  say("Stopped: nothing is left running.");
}

function inventory({ resources, notSimulated }: Account): string[] {
  return [
    "",
    "Created from serverless.yml:",
    ...resources.map(({ type, ref }) => `  ${type.padEnd(32)} ${ref}`),
    "",
    "Not simulated:",
    ...notSimulated.map((sentence) => `  ${sentence}`),
  ];
}

/** What to do with it; the address is the last line, where it is seen. */
function introduction({ url, resources, notSimulated, eks }: Account, config: string): string[] {
  return [
    "",
    `${resources.length} resources are created from serverless.yml. ${notSimulated.length} of their properties have no effect here: --verbose lists both.`,
    "",
    "For any AWS client, in another terminal:",
    "",
    `  export AWS_ENDPOINT_URL=${url} AWS_REGION=us-east-1 AWS_DEFAULT_REGION=us-east-1`,
    "  export AWS_ACCESS_KEY_ID=sandbox AWS_SECRET_ACCESS_KEY=sandbox",
    "",
    "  aws kinesis put-record --stream-name sample --partition-key a --data aGVsbG8=",
    "  aws kinesis describe-stream-summary --stream-name sample",
    "  aws cloudwatch describe-alarms",
    "",
    ...eks.clusters.all().flatMap(kubectlFor),
    "A function by itself, on the sites and node pools of this account:",
    "",
    `  export REFLEX_CONFIG=${config}`,
    "  npx serverless invoke local -f scale-node-pools -p events/scale-node-pools-by-hand.json",
    "",
    "Each run of a function is logged below. Ctrl-C stops the sandbox.",
    "",
    `The account, live, with buttons to change it: ${url}`,
    "",
  ];
}

function kubectlFor({ name, server }: EksCluster): string[] {
  return [
    `The Kubernetes API of the EKS cluster ${name} is at ${server.url}. With the aws CLI, and without it:`,
    "",
    `  aws eks update-kubeconfig --name ${name} --kubeconfig ${name}.kubeconfig`,
    `  kubectl --kubeconfig ${name}.kubeconfig get nodes`,
    "",
    `  alias k='kubectl --server ${server.url} --token ${ADMIN_TOKEN} --insecure-skip-tls-verify'`,
    "  k get nodes; k scale deployment web --replicas=30; k get pods; k drain <node> --ignore-daemonsets",
    "",
  ];
}

function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
}

function say(line: string): void {
  console.log(`${new Date().toISOString().slice(11, 19)} ${line}`);
}

const end = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => end.abort());

const options = serveOptions(process.argv.slice(2));
try {
  await serve(options, end.signal);
} catch (error) {
  if (!end.signal.aborted) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
}
