/** `reflex <command> [options]`: every command of the project. scripts/cli/commands.ts lists them. */
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { enableCompileCache } from "node:module";
import { join, resolve } from "node:path";
import { nearest } from "../shared/config/nearest.ts";
import { ReflexError } from "../shared/lambda/errors.ts";
import { COMMANDS, type Command } from "./cli/commands.ts";
import { helpOf, optionsOf, overview } from "./cli/help.ts";
import { COMPILED, SERVERLESS, SERVERLESS_CACHES } from "./serverless/program.ts";

const ROOT = join(import.meta.dirname, "..");

// A command starts in half the time where one before it has compiled the same files.
enableCompileCache(COMPILED);

const [name, ...rest] = process.argv.slice(2);
const command = COMMANDS.find((each) => each.name === name);
if (name === undefined || name === "--help" || name === "help") console.log(overview());
else if (name === "--version") console.log(versionOf(ROOT));
else if (!command)
  wrong(
    `there is no command ${name}`,
    nearest(
      name,
      COMMANDS.map((each) => each.name),
    ),
  );
else if (rest.includes("--help")) console.log(helpOf(command, ROOT));
else process.exitCode = await run(command, withConfig(rest));

async function run(command: Command, args: readonly string[]): Promise<number> {
  if ("serverless" in command.run) return serverless([...command.run.serverless, ...args]);
  const file = join(ROOT, command.run.script);
  process.argv = [process.execPath, file, ...args];
  try {
    await import(file);
    return Number(process.exitCode ?? 0);
  } catch (error) {
    return failed(command, error);
  }
}

/** A wrong option is the caller's; what AWS answers or does not answer is no fault of this code, so no stack is shown. */
function failed(command: Command, error: unknown): number {
  if (!(error instanceof Error)) throw error;
  const { code = "", message, name } = error as NodeJS.ErrnoException;
  if (code.startsWith("ERR_PARSE_ARGS")) {
    const [option = ""] = /--[\w-]+/.exec(message) ?? [];
    const known = optionsOf(command, ROOT);
    wrong(
      message.split(". ")[0] ?? message,
      nearest(option, known),
      known.length > 0 ? `Its options: ${known.join(", ")}.` : "It has no options.",
    );
    return 2;
  }
  if (error instanceof ReflexError) console.error(`reflex ${command.name}: ${message}`);
  else if ("$metadata" in error) console.error(`reflex ${command.name}: AWS: ${name}: ${message}`);
  else throw error;
  return 1;
}

/** Serverless runs in the package's folder, which has the service; the config is where the caller is. */
function serverless(args: readonly string[]): number {
  const { status } = spawnSync(process.execPath, [SERVERLESS, ...args], {
    cwd: ROOT,
    env: { ...SERVERLESS_CACHES, ...process.env },
    stdio: "inherit",
  });
  return status ?? 1;
}

/** Takes `--config` out of the arguments; without it, a folder `config` where the caller is. */
function withConfig(args: readonly string[]): readonly string[] {
  const at = args.indexOf("--config");
  const path = at === -1 ? process.env.REFLEX_CONFIG : args[at + 1];
  const here = resolve("config");
  if (path !== undefined) process.env.REFLEX_CONFIG = resolve(path);
  else if (process.cwd() !== ROOT && existsSync(here)) process.env.REFLEX_CONFIG = here;
  return at === -1 ? args : args.toSpliced(at, 2);
}

function wrong(what: string, near: string | undefined, otherwise = "See reflex --help."): void {
  const proposal = near === undefined ? otherwise : `Did you mean ${near}?`;
  console.error(`reflex: ${what}. ${proposal}`);
  process.exitCode = 2;
}

function versionOf(root: string): string {
  const { version }: { version: string } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  return version;
}
