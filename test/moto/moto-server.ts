import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { setTimeout } from "node:timers/promises";

/** Why there is no second opinion here; undefined where moto_server can be started. */
export const motoMissing: string | undefined = spawnSync("moto_server", ["--help"]).error
  ? "moto_server is not installed (pip install 'moto[server]'): nothing is compared"
  : undefined;

export interface MotoServer {
  readonly port: number;
  stop(): Promise<void>;
}

/** It loads all of moto first. */
const START_LIMIT_MS = 60_000;

/** Starts moto on a free port of 127.0.0.1. @throws {Error} with what it printed, when it ends or does not answer */
export async function startMotoServer(): Promise<MotoServer> {
  const port = await freePort();
  const child = spawn("moto_server", ["-H", "127.0.0.1", "-p", String(port)], {
    stdio: ["ignore", "ignore", "pipe"],
    env: { ...process.env, MOTO_S3_CUSTOM_ENDPOINTS: `http://127.0.0.1:${port}` },
  });
  const ended = once(child, "close");
  let printed = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    printed = (printed + text).slice(-4000);
  });
  const stop = async () => {
    child.kill("SIGKILL");
    await ended;
  };
  const until = performance.now() + START_LIMIT_MS;
  while (!(await answers(port))) {
    if (child.exitCode === null && performance.now() < until) await setTimeout(100);
    else {
      await stop();
      throw new Error(`moto_server did not start:\n${printed}`);
    }
  }
  return { port, stop };
}

async function answers(port: number): Promise<boolean> {
  try {
    return (await fetch(`http://127.0.0.1:${port}/moto-api/data.json`)).ok;
  } catch {
    return false;
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("no port is free");
  return address.port;
}
