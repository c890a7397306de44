/**
 * One look of scale-node-pools at clusters of growing size, over HTTPS as a function does it: CPU, memory as the
 * operating system counts it, calls. A function of 1,024 MB has 0.58 of a vCPU: CPU seconds / 0.58 are the least it
 * takes there.
 */
import { fork } from "node:child_process";
import { printTable } from "../table.ts";
import { startLargeApiServer } from "./large-api-server.ts";
import { PODS_PER_NODE } from "./large-cluster.ts";
import type { LookMeasured, LookOrder } from "./look-process.ts";

const VCPU = 0.58;
const CASES = [
  ...[500, 1_000, 2_500, 5_000].map((nodes) => ({ name: "steady", nodes, waiting: 0 })),
  { name: "burst: one pod in five waits", nodes: 1_000, waiting: 0.2 },
];

export async function clusterLook(): Promise<void> {
  const rows = [];
  for (const { name, nodes, waiting } of CASES) {
    const server = await startLargeApiServer({ nodes, waiting });
    const { endpoint, ca, counts } = server;
    const measured = await inProcess({ endpoint, ca, nodes });
    await server.stop();
    const cpu = measured.readCpuSeconds + measured.decideCpuSeconds;
    rows.push([
      name,
      nodes.toLocaleString("en"),
      (nodes * PODS_PER_NODE).toLocaleString("en"),
      (counts.bytes / 2 ** 20).toFixed(0),
      String(counts.calls),
      measured.readCpuSeconds.toFixed(2),
      measured.decideCpuSeconds.toFixed(2),
      ((cpu / nodes) * 1000).toFixed(2),
      (cpu / VCPU).toFixed(1),
      measured.rssMb.toFixed(0),
      measured.decision,
    ]);
  }
  printTable(
    "One look at a cluster, in a process of its own",
    [
      "case",
      "nodes",
      "pods",
      "MiB listed",
      "calls",
      "CPU s reading",
      "CPU s deciding",
      "CPU ms a node",
      `s at ${VCPU} vCPU`,
      "RSS MB",
      "decision",
    ],
    rows,
  );
}

function inProcess(order: LookOrder): Promise<LookMeasured> {
  const child = fork(new URL("./look-process.ts", import.meta.url), {
    stdio: "inherit",
    env: { ...process.env, AWS_XRAY_CONTEXT_MISSING: "IGNORE_ERROR" },
  });
  return new Promise((resolve, reject) => {
    child.once("message", (answer: LookMeasured) => resolve(answer));
    child.once("exit", (code) => reject(new Error(`the process of the look ended with ${code}`)));
    child.send(order);
  });
}
