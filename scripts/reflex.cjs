#!/usr/bin/env node
// `npx reflex …`: runs scripts/reflex.ts with this project's own Node, whatever Node the machine has.
const { spawn } = require("node:child_process");
const { dirname, join } = require("node:path");

const hook = join(__dirname, "cli", "types-in-packages.cjs");
const child = spawn(ownNode(), [join(__dirname, "reflex.ts"), ...process.argv.slice(2)], {
  stdio: "inherit",
  env: {
    ...process.env,
    // What it starts in turn runs the same files: serverless, the sandbox's workers.
    NODE_OPTIONS: `${process.env.NODE_OPTIONS ?? ""} --disable-warning=ExperimentalWarning --require ${JSON.stringify(hook)}`,
    PATH: `${dirname(ownNode())}:${process.env.PATH ?? ""}`,
  },
});
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => child.kill(signal));
child.on("exit", (code, signal) => process.exit(code ?? (signal ? 130 : 1)));

/** The npm package `node` brings Node 24; a machine that has 24 or later needs no other. */
function ownNode() {
  try {
    return join(dirname(require.resolve("node/package.json")), "bin", "node");
  } catch {
    return process.execPath;
  }
}
