import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { Worker } from "node:worker_threads";
import { COMPILED } from "../../../scripts/serverless/program.ts";
import type { KinesisWorkerData, Listening } from "./messages.ts";

/** `kinesis-local` takes a second of a core to start: it starts with the first call. */
export interface KinesisThread {
  /** The plain HTTP port on 127.0.0.1, once it listens. */
  port(): Promise<number>;
  stop(): Promise<void>;
}

/** Only names for the two ports: the thread takes free ones in their place. */
const PLAIN_PORT = 4568;
const TLS_PORT = 4567;

/** It is ready in one to two seconds; on a busy machine it may take some more. */
const START_LIMIT_MS = 60_000;

/** Its runtime says so whenever a request took it over 100 ms: true on a busy machine, and of no consequence. */
const STARVING = "Your CPU is probably starving";

/**
 * `kinesis-local` in a thread of its own.
 *
 * @param shared the sandbox's clock
 * @param log called with what it prints: warnings and errors
 */
export function createKinesisThread(shared: SharedArrayBuffer, log: (line: string) => void): KinesisThread {
  let started: Promise<StartedThread> | undefined;
  return {
    port: async () => {
      started ??= startThread(shared, log);
      return (await started).port;
    },
    stop: async () => (await started?.catch(() => undefined))?.stop(),
  };
}

interface StartedThread {
  readonly port: number;
  stop(): Promise<void>;
}

/** Waits until it listens. */
async function startThread(shared: SharedArrayBuffer, log: (line: string) => void): Promise<StartedThread> {
  const mainFile = createRequire(import.meta.url).resolve("kinesis-local");
  const data: KinesisWorkerData = { shared, mainFile };
  const worker = new Worker(new URL("./worker.ts", import.meta.url), {
    workerData: data,
    execArgv: ["--disable-warning=MODULE_TYPELESS_PACKAGE_JSON"],
    stdout: true,
    stderr: true,
    env: environment(dirname(mainFile)),
  });
  for (const stream of [worker.stdout, worker.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      if (text.trim() && !text.includes(STARVING)) log(`kinesis-local: ${text.trimEnd()}`);
    });
  }
  const port = await plainPort(worker).catch(async (error: unknown) => {
    await worker.terminate();
    throw error;
  });
  worker.on("error", (error) => log(`kinesis-local failed: ${error.message}`));
  return {
    port,
    stop: async () => {
      await worker.terminate();
    },
  };
}

function environment(home: string): Record<string, string> {
  // A change of a stream is done at once there; how long it stays UPDATING is ours, on the sandbox's clock.
  const durations = [
    "CREATE_STREAM",
    "DELETE_STREAM",
    "REGISTER_STREAM_CONSUMER",
    "START_STREAM_ENCRYPTION",
    "STOP_STREAM_ENCRYPTION",
    "DEREGISTER_STREAM_CONSUMER",
    "MERGE_SHARDS",
    "SPLIT_SHARD",
    "UPDATE_SHARD_COUNT",
    "UPDATE_STREAM_MODE",
  ].map((change) => [`${change}_DURATION`, "1ms"] as const);
  return {
    ...Object.fromEntries(durations),
    KINESIS_MOCK_CERT_PATH: join(home, "server.json"),
    KINESIS_MOCK_PLAIN_PORT: String(PLAIN_PORT),
    KINESIS_MOCK_TLS_PORT: String(TLS_PORT),
    // AWS's quota of the large regions; its own default of 50 is smaller than one of our tests.
    SHARD_LIMIT: "20000",
    ON_DEMAND_STREAM_COUNT_LIMIT: "50",
    // Its 9 MB are compiled once: it then starts with half of the CPU.
    NODE_COMPILE_CACHE: COMPILED,
    LOG_LEVEL: "ERROR",
    ROOT_LOG_LEVEL: "ERROR",
  };
}

function plainPort(worker: Worker): Promise<number> {
  return new Promise((resolve, reject) => {
    const limit = setTimeout(
      () => reject(new Error(`kinesis-local did not listen within ${START_LIMIT_MS / 1000} s.`)),
      START_LIMIT_MS,
    );
    const settle = (end: () => void) => {
      clearTimeout(limit);
      end();
    };
    worker.on("message", ({ asked, port }: Listening) => {
      if (asked === PLAIN_PORT) settle(() => resolve(port));
    });
    worker.once("error", (error) => settle(() => reject(error)));
    worker.once("exit", (code) =>
      settle(() => reject(new Error(`kinesis-local ended with code ${code} before it listened.`))),
    );
  });
}
