/**
 * The thread `kinesis-local` runs in: a thread and not a process, so that it ends with us whatever happens,
 * shares the sandbox's clock, and listens where we say (it binds all interfaces, with no setting for that).
 */
import { createRequire } from "node:module";
import { type ListenOptions, Server } from "node:net";
import { parentPort, workerData } from "node:worker_threads";
import { showSandboxTime } from "../../clock/sandbox-date.ts";
import type { KinesisWorkerData, Listening } from "./messages.ts";

const { shared, mainFile } = workerData as KinesisWorkerData;

showSandboxTime(shared);
// What kinesis-local takes for the time of a record is `timeOrigin + now()`.
Object.defineProperty(performance, "timeOrigin", { get: () => Date.now() - performance.now() });

const listen = Server.prototype.listen as (
  this: Server,
  options: ListenOptions,
  callback?: () => void,
) => Server;

Server.prototype.listen = function listenOnLoopback(this: Server, asked: unknown, ...rest: unknown[]) {
  this.once("listening", () => {
    const address = this.address();
    if (address === null || typeof address === "string") return;
    const listening: Listening = { asked: Number(asked), port: address.port };
    parentPort?.postMessage(listening);
  });
  const callback = rest.find((argument) => typeof argument === "function") as (() => void) | undefined;
  return listen.call(this, { host: "127.0.0.1", port: 0 }, callback);
} as typeof Server.prototype.listen;

createRequire(import.meta.url)(mainFile);
