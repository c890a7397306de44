/** `npm run sandbox`: AWS on this machine until Ctrl-C, with everything `serverless.yml` declares. */
import { type Account, startAccount } from "./account.ts";
import { ADMIN_TOKEN, type EksCluster } from "./eks/clusters.ts";
import { prepareFixtures } from "./fixtures/fixtures.ts";
import { AWS_WRITE_LIMIT } from "./kinesis/write-limit.ts";
import type { Invocation } from "./lambda/function.ts";
import { packageService } from "./package-service.ts";
import { servePage } from "./page/page.ts";

const PORT = 4566;
const STAGE = "dev";

async function serve(ended: AbortSignal): Promise<void> {
  say("Packaging the service (serverless package) …");
  const built = await packageService(STAGE, ended);
  const fixtures = await prepareFixtures(STAGE);
  try {
    say("Starting AWS on this machine …");
    const account = await startAccount({
      packageDir: built.dir,
      speed: 1,
      port: PORT,
      writeLimit: AWS_WRITE_LIMIT,
      environment: fixtures.environment,
      log: say,
      onInvocation: (invocation) => say(describeInvocation(invocation)),
    });
    try {
      servePage(account, await fixtures.createIn(account));
      console.log(introduction(account, fixtures.config));
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

function introduction({ url, resources, notSimulated, eks }: Account, config: string): string {
  const created = resources.map(({ type, ref }) => `  ${type.padEnd(32)} ${ref}`);
  return [
    "",
    "Created from serverless.yml:",
    ...created,
    "",
    "Not simulated:",
    ...notSimulated.map((sentence) => `  ${sentence}`),
    "",
    `The account, live, and buttons to move it: ${url}`,
    "",
    `AWS is at ${url} until Ctrl-C. For any AWS client:`,
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
    "Each run of a function follows here.",
    "",
  ].join("\n");
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

function describeInvocation({ functionName, attempt, durationMs, result }: Invocation): string {
  const run = `${functionName}${attempt > 1 ? ` (attempt ${attempt})` : ""} ${durationMs.toFixed(0)} ms`;
  return result.ok
    ? `${run}: ${result.payload.slice(0, 400)}`
    : `${run}: ${result.ended}: ${result.error.errorType}: ${result.error.errorMessage}`;
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

try {
  await serve(end.signal);
} catch (error) {
  if (!end.signal.aborted) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
}
