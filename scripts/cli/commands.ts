/** One command of `reflex`. */
export interface Command {
  readonly name: string;
  /** One line for `reflex --help`. */
  readonly summary: string;
  readonly run:
    | {
        /** The file, from the package's root; the comment at its top is the command's help. */ readonly script: string;
      }
    | { /** The command of serverless that it stands for. */ readonly serverless: readonly string[] };
}

const script = (name: string, file: string, summary: string): Command => ({
  name,
  summary,
  run: { script: file },
});

const serverless = (name: string, summary: string, ...words: readonly string[]): Command => ({
  name,
  summary,
  run: { serverless: words.length > 0 ? words : [name] },
});

/** In the order in which somebody meets them. */
export const COMMANDS: readonly Command[] = [
  script(
    "init",
    "scripts/init/init.ts",
    "write a folder with a config, a workflow and a .gitignore to begin with",
  ),
  script(
    "check",
    "scripts/check-config.ts",
    "check the config: everything that is wrong, each with its place",
  ),
  script("cost", "scripts/cost/cost.ts", "what the service costs a month by this config"),
  script(
    "backtest",
    "scripts/backtest/backtest.ts",
    "what a stream's policy would have done with its past traffic, and what that costs",
  ),
  script("demo", "sandbox/start.ts", "play a quarter of an hour of an account on the embedded AWS"),
  script("dev", "sandbox/serve.ts", "keep the embedded AWS up, with a page, until Ctrl-C"),
  serverless("package", "package the service as a deploy would"),
  serverless("deploy", "deploy a stage"),
  script("smoke", "scripts/release/smoke.ts", "ask every deployed function what it would do"),
  script(
    "release",
    "scripts/release/release.ts",
    "deploy, smoke, watch the alarms, roll back where one fires",
  ),
  serverless("logs", "read a function's log"),
  serverless("invoke", "run a function on an event: deployed, or `local`"),
  script(
    "status",
    "scripts/ledger/status/status.ts",
    "what needs a person, what is paused, and each resource with its decision",
  ),
  script(
    "why",
    "scripts/ledger/why.ts",
    "what was decided and done for one resource, and why; its open incidents",
  ),
  script(
    "what-changed",
    "scripts/ledger/what-changed.ts",
    "every change since a while ago; --json for an audit",
  ),
  script("pause", "scripts/ledger/pause/pause.ts", "stop changes for a while, without a deploy"),
  script("resume", "scripts/ledger/pause/resume.ts", "end a pause before its time"),
  script(
    "approve",
    "scripts/ledger/approve/approve.ts",
    "approve a change that a notification asks for; without an id: what waits",
  ),
  script("reject", "scripts/ledger/approve/reject.ts", "reject a change that a notification asks for"),
  script("undo", "scripts/ledger/undo/undo.ts", "undo one change, by the id that its notification names"),
  script("notify", "scripts/notify/notify.ts", "send a test message on the routes of the config"),
  script("probe", "scripts/check.ts", "probe one address as check-sites would"),
  script("redrive", "scripts/redrive/run.ts", "put quarantined records and failed batches back"),
  script("ingest", "scripts/redrive/ingest.ts", "preview, replay or check what a stream's events become"),
  serverless("rollback", "go back to an earlier deploy"),
  serverless("remove", "remove a stage"),
  script("import", "scripts/import/import.ts", "take kept tables, queues and buckets into the stack again"),
  script(
    "new-automation",
    "scripts/new-automation/new-automation.ts",
    "write a small working automation to begin with",
  ),
];
