import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";

const ROOT = join(import.meta.dirname, "..", "..", "..", "..");

/** What a command begins with. */
const COMMAND = /^(?:aws|npm|npx|kubectl|reflex|serverless) /;

/** A line of a block that begins with one. */
const ANY_COMMAND = new RegExp(COMMAND.source, "m");

/** In this order: what a README sets up, the runbook works with. */
const PAGES = ["README.md", "functions/*/README.md", "docs/*.md", "docs/*/*.md"];

/** A command as a page has it. */
export interface DocCommand {
  /** For example `docs/runbook.md:17`. */
  readonly place: string;
  /** As it is written: a line of the prose, or a block with all of its lines. */
  readonly text: string;
}

/** The commands of all pages a person on call reads: those between backticks, and those in blocks. */
export function commandsInDocs(): readonly DocCommand[] {
  const pages = PAGES.flatMap((pattern) => globSync(pattern, { cwd: ROOT }).toSorted());
  return pages.flatMap((page) => commandsIn(readFileSync(join(ROOT, page), "utf8"), page));
}

export function commandsIn(text: string, page: string): readonly DocCommand[] {
  const found: DocCommand[] = [];
  const take = (at: number, command: string) => {
    const place = `${page}:${text.slice(0, at).split("\n").length}`;
    found.push({ place, text: command.trim() });
  };
  const prose = text.replace(/^( *)```(\w*)\n([\s\S]*?)^ *```/gm, (block, indent, language, body, at) => {
    const lines = String(body).replaceAll(new RegExp(`^${indent}`, "gm"), "");
    const isShell = /^(sh|bash)$/.test(language) || (language === "" && ANY_COMMAND.test(lines));
    if (isShell) take(Number(at), lines);
    return String(block).replace(/[^\n]/g, " ");
  });
  const inline = prose.replace(/^(?: {4}(?:aws|npm|npx|kubectl) .*(?:\n {4,}.*)*)/gm, (block, at) => {
    take(Number(at), String(block).replaceAll(/^ {4}/gm, ""));
    return String(block).replace(/[^\n]/g, " ");
  });
  for (const { 1: span = "", index } of inline.matchAll(/`([^`]+)`/g)) {
    const command = span.replace(/\s+/g, " ");
    if (COMMAND.test(command)) take(index, command);
  }
  return found;
}
