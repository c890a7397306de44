/**
 * `npm start`: Reflex at work on an AWS on this machine, in about a minute.
 *
 * Ends with 0, with 1 where something went otherwise than it should, with 2 when it was called wrongly.
 */
import { parseArgs } from "node:util";
import { type Account, startAccount } from "./account.ts";
import type { SandboxClock } from "./clock/clock.ts";
import { createDecisionPrinter } from "./demos/decisions.ts";
import { DemoFailed } from "./demos/demo.ts";
import { ingest } from "./demos/ingest.ts";
import { prepareNodePools } from "./demos/node-pools.ts";
import { prepareNotifications } from "./demos/notifications.ts";
import { prepareSites } from "./demos/sites.ts";
import { streams } from "./demos/streams.ts";
import { packageService } from "./template/package-service.ts";

/** The account's clock goes on by so much, and waits then until all that fell due is done. */
const STEP_MS = 1000;

/** It takes less than a minute; only a machine that hangs, or has very much else to do, comes to this. */
const LIMIT_MS = 300_000;

// Options that it does not have are refused.
parseArgs({ options: {} });

async function start(ended: AbortSignal): Promise<string[]> {
  console.log("Packaging the service as a deploy would (serverless package) …");
  const built = await packageService("dev", ended);
  const sites = await prepareSites();
  const nodePools = await prepareNodePools();
  const messages = await prepareNotifications();
  const demos = [streams, ingest, sites, nodePools, messages];
  try {
    console.log("Starting AWS on this machine and creating the resources of serverless.yml …");
    let showDecisions: (functionName: string, payload: string) => void = () => {};
    const account = await startAccount({
      packageDir: built.dir,
      speed: 0,
      environment: { ...sites.environment, ...nodePools.environment, ...messages.environment },
      log: (line) => console.error(line),
      onInvocation: ({ functionName, result }) => {
        if (result.ok) showDecisions(functionName, result.payload);
        else console.error(`${functionName} failed: ${result.error.errorType}: ${result.error.errorMessage}`);
      },
    });
    try {
      const say = (who: string, line: string) => {
        const time = new Date(account.clock.now()).toISOString().slice(11, 19);
        console.log(`${time}  ${who.padEnd(16)} ${line}`);
      };
      showDecisions = createDecisionPrinter(say);
      console.log(
        `${account.resources.length} resources are created at ${account.url}. The sandbox's clock runs as fast as this machine allows.\n`,
      );
      const playing = Promise.all(demos.map((demo) => demo.play(account, (line) => say("", line))));
      const summary = await Promise.race([whileItRuns(account.clock, playing), aborted(ended)]);
      return [...summary.flat(), ...notifications(account)];
    } finally {
      await account.stop();
    }
  } finally {
    await Promise.all([sites.stop(), nodePools.stop(), messages.stop()]);
    built.remove();
  }
}

/** The subject of every notification, in the order they were published. */
function notifications({ sns }: Account): string[] {
  const published = sns.published().filter(({ topicArn }) => topicArn.endsWith("-notify"));
  return [`${published.length} notifications:`, ...published.map(({ subject }) => `  ${subject}`)];
}

/** Moves the clock on until `playing` has ended, so that a slow machine only takes longer. */
async function whileItRuns<T>(clock: SandboxClock, playing: Promise<T>): Promise<T> {
  let isPlaying = true;
  const ended = playing.finally(() => {
    isPlaying = false;
  });
  // What it throws is thrown by `ended`.
  ended.catch(() => {});
  while (isPlaying) await clock.advance(STEP_MS);
  return ended;
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
}

const end = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, () => end.abort(new DemoFailed(`ended by ${signal}`)));
}
const limit = setTimeout(
  () =>
    end.abort(
      new DemoFailed(
        `not finished after ${LIMIT_MS / 1000} seconds; the last line above is the last step that happened`,
      ),
    ),
  LIMIT_MS,
);
try {
  const started = Date.now();
  const summary = await start(end.signal);
  console.log(
    `\nDone in ${Math.round((Date.now() - started) / 1000)} s:\n${summary.map((line) => `  ${line}`).join("\n")}`,
  );
  console.log("\nNothing is left running. Next: README.md, “From a clone to a dry run in your account”.");
} catch (error) {
  console.error(
    `\nnpm start failed: ${error instanceof DemoFailed ? error.message : (error as Error).stack}`,
  );
  process.exitCode = 1;
} finally {
  clearTimeout(limit);
}
