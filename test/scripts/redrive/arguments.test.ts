import { execFile } from "node:child_process";
import { expect, test } from "vitest";

/** Runs the command where no AWS is. */
function redrive(...args: string[]): Promise<{ code: unknown; output: string }> {
  const env = { ...process.env, AWS_ENDPOINT_URL: "http://127.0.0.1:9" };
  return new Promise((resolve) => {
    execFile(process.execPath, ["scripts/redrive/run.ts", ...args], { env }, (error, stdout, stderr) => {
      resolve({ code: error?.code, output: stdout + stderr });
    });
  });
}

test.each([
  [[], "--queue is missing"],
  [["--queue", "q", "--max", "many"], 'found "many", expected a whole number'],
  [["--queue", "q", "--nope"], "Unknown option '--nope'"],
])("a wrong argument ends with 2 and says what was expected: %j", async (args, message) => {
  const { code, output } = await redrive(...args);
  expect({ code, says: output.includes(message), usage: /npm run redrive/.test(output) }).toEqual({
    code: 2,
    says: true,
    usage: true,
  });
});

test("an AWS that does not answer ends with 2 and one sentence", async () => {
  const { code, output } = await redrive("--queue", "reflex-dev-quarantine");
  expect({ code, lines: output.trim().split("\n").length }).toEqual({ code: 2, lines: 1 });
  expect(output).toContain("The redrive could not go on");
});
