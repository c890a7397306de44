/** `npm start`: Reflex at work on an AWS on this machine, in about a minute. */
import { startAccount } from "./account.ts";
import type { SandboxClock } from "./clock.ts";
import { packageService } from "./package-service.ts";
import { createDecisionPrinter } from "./stories/decisions.ts";
import { ingest } from "./stories/ingest.ts";
import { prepareNodePools } from "./stories/node-pools.ts";
import { prepareSites } from "./stories/sites.ts";
import { StepMissing } from "./stories/story.ts";
import { streams } from "./stories/streams.ts";

/** The account's clock goes on by so much, and waits then until all that fell due is done. */
const STEP_MS = 1000;

/** It takes less than a minute; only a machine that hangs, or has very much else to do, comes to this. */
const LIMIT_MS = 300_000;

async function start(ended: AbortSignal): Promise<string[]> {
  console.log("Packaging the service as a deploy would (serverless package) …");
  const built = await packageService("dev", ended);
  const sites = await prepareSites();
  const nodePools = await prepareNodePools();
  const stories = [streams, ingest, sites, nodePools];
  try {
    console.log("Starting an AWS on this machine and creating what serverless.yml declares …");
    let showDecisions: (functionName: string, payload: string) => void = () => {};
    const account = await startAccount({
      packageDir: built.dir,
      speed: 0,
      environment: { ...sites.environment, ...nodePools.environment },
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
        `${account.resources.length} resources stand at ${account.url}. Its clock runs as fast as this machine can follow.\n`,
      );
      const playing = Promise.all(stories.map((story) => story.play(account, (line) => say("", line))));
      return (await Promise.race([whileItRuns(account.clock, playing), aborted(ended)])).flat();
    } finally {
      await account.stop();
    }
  } finally {
    await Promise.all([sites.stop(), nodePools.stop()]);
    built.remove();
  }
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
  process.once(signal, () => end.abort(new StepMissing(`ended by ${signal}`)));
}
const limit = setTimeout(
  () =>
    end.abort(
      new StepMissing(`not done after ${LIMIT_MS / 1000} seconds; the last line above says how far it got`),
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
    `\nnpm start did not come to its end: ${error instanceof StepMissing ? error.message : (error as Error).stack}`,
  );
  process.exitCode = 1;
} finally {
  clearTimeout(limit);
}
