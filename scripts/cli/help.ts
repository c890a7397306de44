import { readFileSync } from "node:fs";
import { join } from "node:path";
import { COMMANDS, type Command } from "./commands.ts";

/** What `reflex --help` prints. */
export function overview(): string {
  const width = Math.max(...COMMANDS.map(({ name }) => name.length));
  return [
    "reflex <command> [options]",
    "",
    ...COMMANDS.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`),
    "",
    "  --config <path>  a config file, or a folder with one for each stage; otherwise $REFLEX_CONFIG, else ./config",
    "  --help           this, or a command's own help: reflex deploy --help",
    "  --version        the version of Reflex",
    "",
    "Ends with 0 when it is done, 1 when what was asked for is not so or failed, 2 when it was called wrongly.",
  ].join("\n");
}

/** A script's help: the comment at its top, which names its options and exit codes. */
export function helpOf(command: Command, root: string): string {
  const { name, summary, run } = command;
  if ("serverless" in run)
    return `reflex ${name}: ${summary}. All options are those of serverless ${run.serverless.join(" ")}.`;
  const [, comment = summary] =
    /^(?:#!.*\n)?\/\*\*([\s\S]*?)\*\//.exec(readFileSync(join(root, run.script), "utf8")) ?? [];
  return comment
    .replace(/^\s*\* ?/gm, "")
    .replace(/`npm run [\w-]+(?: --)?/g, `\`reflex ${name}`)
    .trim();
}

/** The options that a command's help names. */
export function optionsOf(command: Command, root: string): readonly string[] {
  return [...new Set(helpOf(command, root).match(/--[a-z][a-z-]*/g) ?? [])];
}
