import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { Agent, get } from "node:http";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A running prometheus-blackbox-exporter. */
export interface Exporter {
  readonly version: string;
  /** Probes `target` and gives the metrics it answers, by name and labels. */
  probe(target: string): Promise<ReadonlyMap<string, number>>;
  /** Milliseconds of CPU it has used so far. */
  cpuMs(): number;
  stop(): Promise<void>;
}

const PROGRAM = "prometheus-blackbox-exporter";
/** Linux counts a process's CPU time in hundredths of a second (`getconf CLK_TCK`). */
const TICK_MS = 10;

/** Starts the exporter, or gives undefined where it is not installed. */
export async function startExporter(ca: string): Promise<Exporter | undefined> {
  const asked = spawnSync(PROGRAM, ["--version"], { encoding: "utf8" });
  if (asked.error) return undefined;
  const version = /version (\S+)/.exec(asked.stdout + asked.stderr)?.[1] ?? "unknown";
  const folder = mkdtempSync(join(tmpdir(), "reflex-bench-"));
  writeFileSync(join(folder, "ca.pem"), ca);
  // JSON is YAML too.
  const module = {
    prober: "http",
    timeout: "5s",
    http: { preferred_ip_protocol: "ip4", tls_config: { ca_file: join(folder, "ca.pem") } },
  };
  writeFileSync(join(folder, "config.yml"), JSON.stringify({ modules: { http_2xx: module } }));
  const port = await freePort();
  const child = spawn(
    PROGRAM,
    [
      `--config.file=${join(folder, "config.yml")}`,
      `--web.listen-address=127.0.0.1:${port}`,
      "--log.level=error",
    ],
    {
      stdio: "ignore",
      // One core for each side of the comparison.
      env: { ...process.env, GOMAXPROCS: "1" },
    },
  );
  const agent = new Agent({ keepAlive: true });
  await untilReady(port, child);
  return {
    version,
    probe: async (target) =>
      parseMetrics(
        await fetchText(
          `http://127.0.0.1:${port}/probe?module=http_2xx&target=${encodeURIComponent(target)}`,
          agent,
        ),
      ),
    cpuMs: () => cpuMsOf(child),
    stop: async () => {
      agent.destroy();
      const ended = new Promise((resolve) => child.once("exit", resolve));
      child.kill();
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function cpuMsOf({ pid }: ChildProcess): number {
  // Behind the name in brackets: fields 14 and 15 of proc(5) are user and system time.
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8")
    .replace(/^.*\) /, "")
    .split(" ");
  return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
}

async function untilReady(port: number, child: ChildProcess): Promise<void> {
  for (let tries = 0; tries < 100; tries++) {
    if (child.exitCode !== null) throw new Error(`${PROGRAM} ended with ${child.exitCode}`);
    try {
      await fetchText(`http://127.0.0.1:${port}/-/healthy`);
      return;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
  throw new Error(`${PROGRAM} does not answer`);
}

function fetchText(url: string, agent?: Agent): Promise<string> {
  return new Promise((resolve, reject) => {
    const request = get(url, agent ? { agent } : {}, (response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (part: string) => {
        text += part;
      });
      response.on("end", () => resolve(text));
    });
    request.on("error", reject);
  });
}

function parseMetrics(text: string): ReadonlyMap<string, number> {
  const lines = text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  return new Map(
    lines.map((line) => [
      line.slice(0, line.lastIndexOf(" ")),
      Number(line.slice(line.lastIndexOf(" ") + 1)),
    ]),
  );
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise<void>((resolve) => server.close(() => resolve()));
  return port;
}
