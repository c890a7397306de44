import { type ChildProcessByStdio, spawn, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable } from "node:stream";
import type { Account } from "../../../../sandbox/account.ts";
import { ADMIN_TOKEN, type EksCluster } from "../../../../sandbox/eks/clusters.ts";
import { COMPILED } from "../../../../scripts/serverless/program.ts";

const ROOT = join(import.meta.dirname, "..", "..", "..", "..");

/** Whether a tool that the docs use is on this machine. */
export const isInstalled = (tool: string): boolean =>
  spawnSync("bash", ["-c", `${tool} ${tool === "kubectl" ? "version --client" : "--version"}`]).status === 0;

export interface Ended {
  readonly code: number | null;
  /** Both streams, as a terminal shows them. */
  readonly output: string;
}

/** A person's bash, with credentials for the account and its cluster. */
export interface Shell {
  run(script: string): Promise<Ended>;
  stop(): void;
}

/**
 * `npm run` and `npx` are Node with the very script of package.json, without the half second of npm itself; `date` shows the
 * sandbox's time.
 */
const functions = (): string => {
  const { scripts }: { scripts: Record<string, string> } = JSON.parse(
    readFileSync(join(ROOT, "package.json"), "utf8"),
  );
  const own = Object.entries(scripts).filter(([, line]) => line.startsWith("node "));
  const cases = own.map(([name, line]) => `${name}) ${line.replace(/^node /, '"$NODE" ')} "$@" ;;`);
  return `
npm() {
  [ "$1" = run ] || { echo "only npm run is known here"; return 1; }
  local name=$2; shift 2; [ "\${1-}" = -- ] && shift
  case $name in ${cases.join("\n")} *) echo "package.json has no script $name"; return 1 ;; esac
}
npx() {
  local name=$1; shift
  case $name in
    reflex) "$NODE" scripts/reflex.ts "$@" ;;
    serverless) "$NODE" node_modules/serverless/bin/serverless.js "$@" ;;
    *) echo "npx $name is not known here"; return 1 ;;
  esac
}
reflex() { npx reflex "$@"; }
date() { if [ "\${1-}" = -d ]; then command date -d "$NOW $2" "\${@:3}"; else command date -d "$NOW" "$@"; fi; }
`;
};

export interface ShellOptions {
  readonly account: Pick<Account, "url" | "clock">;
  readonly cluster: Pick<EksCluster, "server" | "certificate">;
  /** The file of the config. */
  readonly config: string;
}

export async function openShell({ account, cluster, config }: ShellOptions): Promise<Shell> {
  const { server, certificate } = cluster;
  const home = mkdtempSync(join(tmpdir(), "reflex-docs-"));
  mkdirSync(join(home, ".kube"));
  writeFileSync(join(home, ".kube", "config"), JSON.stringify(kubeConfig(server.url, certificate.ca)));
  const credentials = {
    AWS_ENDPOINT_URL: account.url,
    AWS_REGION: "us-east-1",
    AWS_DEFAULT_REGION: "us-east-1",
    AWS_ACCESS_KEY_ID: "test",
    AWS_SECRET_ACCESS_KEY: "test",
    // What the sandbox does not have is not asked for again.
    AWS_MAX_ATTEMPTS: "1",
  };
  const base = {
    ...credentials,
    PATH: process.env.PATH,
    HOME: home,
    NODE: process.execPath,
    NODE_COMPILE_CACHE: COMPILED,
    NODE_NO_WARNINGS: "1",
  };
  const cli = await startAwsCli(base);
  const prelude = `${functions()}${cli?.bash ?? ""}`;
  return {
    run(script) {
      const env = { ...base, NOW: new Date(account.clock.now()).toISOString(), REFLEX_CONFIG: config };
      return ended(
        spawn("bash", ["-uo", "pipefail", "-c", `${prelude}\n{ ${script}\n} 2>&1 | cat`], {
          cwd: ROOT,
          env,
          stdio: ["ignore", "pipe", "inherit"],
        }),
      );
    },
    stop() {
      cli?.stop();
      rmSync(home, { recursive: true, force: true });
    },
  };
}

function ended(child: ChildProcessByStdio<null, Readable, null>): Promise<Ended> {
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    output += text;
  });
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, output }));
  });
}

/** The installed CLI in one process (aws-cli-server.py); undefined where it is no module of python3, as version 2 is not. */
async function startAwsCli(env: NodeJS.ProcessEnv) {
  const python = spawn("python3", [join(import.meta.dirname, "aws-cli-server.py")], {
    env,
    stdio: ["ignore", "pipe", "ignore"],
  });
  const port = await new Promise<string>((resolve) => {
    python.on("error", () => resolve(""));
    python.on("close", () => resolve(""));
    python.stdout.setEncoding("utf8").once("data", (text: string) => resolve(text.trim()));
  });
  if (port === "") return undefined;
  const bash = `
aws() {
  local code; exec 9<>/dev/tcp/127.0.0.1/${port}
  printf '%s\\0' "$BASHPID" "$@" "" >&9
  read -r -u9 code; cat <&9; exec 9>&-; return "$code"
}
`;
  return { bash, stop: () => python.kill() };
}

const kubeConfig = (server: string, ca: string) => ({
  apiVersion: "v1",
  kind: "Config",
  clusters: [
    {
      name: "main",
      cluster: { server, "certificate-authority-data": Buffer.from(ca).toString("base64") },
    },
  ],
  users: [{ name: "admin", user: { token: ADMIN_TOKEN } }],
  contexts: [{ name: "main", context: { cluster: "main", user: "admin" } }],
  "current-context": "main",
});
