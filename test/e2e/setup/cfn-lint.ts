import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";

/** Asking it for its version would take two seconds of CPU: `lint` says when what is there does not run. */
const isInstalled = (process.env.PATH ?? "")
  .split(delimiter)
  .some((folder) => existsSync(join(folder, "cfn-lint")));

/** For a test's name; empty where it is installed. */
export const WITHOUT_CFN_LINT = isInstalled
  ? ""
  : " (not linted: cfn-lint is not installed here; pip install cfn-lint)";

/**
 * Its findings, warnings included. One call for many files: most of what it takes is its start.
 *
 * @throws {Error} where it did not run
 */
export function lint(regions: readonly string[], files: readonly string[]): readonly string[] {
  const args = ["--format", "parseable", "--regions", ...regions, "--template", ...files];
  const { status, stdout, stderr } = spawnSync("cfn-lint", args, { encoding: "utf8" });
  const found = stdout.split("\n").filter((line) => line !== "");
  // Findings are 2, 4 and 8, and their sums.
  if (status === null || status % 2 !== 0 || status > 14 || (status === 0) !== (found.length === 0)) {
    throw new Error(`cfn-lint ended with ${status}: ${stderr}`);
  }
  return found;
}
