/** `npm start`: Reflex at work on an AWS on this machine, in about a minute. */
import { startAccount } from "./account.ts";
import { packageService } from "./package-service.ts";
import { createDecisionPrinter } from "./stories/decisions.ts";
import { ingest } from "./stories/ingest.ts";
import { prepareNodePools } from "./stories/node-pools.ts";
import { prepareSites } from "./stories/sites.ts";
import { StepMissing } from "./stories/story.ts";
import { streams } from "./stories/streams.ts";

/** A minute of the account takes two seconds. */
const SPEED = 30;

/** `npm start` promises an end within 90 seconds: what is not done by then did not happen. */
const LIMIT_MS = 85_000;

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
      speed: SPEED,
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
        `${account.resources.length} resources stand at ${account.url}. Its clock runs ${SPEED} times as fast as yours.\n`,
      );
      const lines = await Promise.race([
        Promise.all(stories.map((story) => story.play(account, (line) => say("", line)))),
        aborted(ended),
      ]);
      return lines.flat();
    } finally {
      await account.stop();
    }
  } finally {
    await Promise.all([sites.stop(), nodePools.stop()]);
    built.remove();
  }
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
  console.log("\nNothing is left running. Next: README.md, “Your own streams”.");
} catch (error) {
  console.error(
    `\nnpm start did not come to its end: ${error instanceof StepMissing ? error.message : (error as Error).stack}`,
  );
  process.exitCode = 1;
} finally {
  clearTimeout(limit);
}
