import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import * as z from "zod/mini";
import type { Account } from "../../account.ts";
import { type Action, parsed, Refused } from "./action.ts";

const REFLEX = fileURLToPath(new URL("../../../scripts/reflex.ts", import.meta.url));

const resource = z.string().check(z.regex(/^[a-z][a-z-]*\/[\w.-]+$/, "a resource such as stream/orders"));
const input = z.discriminatedUnion("command", [
  z.object({ command: z.enum(["status", "what-changed"]) }),
  z.object({ command: z.enum(["why", "pause", "resume"]), resource }),
  z.object({ command: z.literal("undo"), id: z.string().check(z.regex(/^\w[\w-]*$/, "the id of a change")) }),
]);

/**
 * The commands a person on call has in a terminal, as they run there: the page shows what they print.
 *
 * @param stage of the service that runs in the account
 */
export function onCall({ url, resources }: Pick<Account, "url" | "resources">, stage = "dev"): Action {
  const ledger = `reflex-${stage}-ledger`;
  return {
    name: "on-call",
    available: () => resources.some(({ type, ref }) => type === "AWS::DynamoDB::Table" && ref === ledger),
    run: (body) => reflex([...argumentsOf(parsed(input, body)), "--stage", stage], url),
  };
}

function argumentsOf(asked: z.output<typeof input>): readonly string[] {
  switch (asked.command) {
    case "status":
    case "what-changed":
      return [asked.command];
    case "pause":
      return ["pause", asked.resource, "--for", "1h", "--why", "paused on the sandbox's page"];
    case "undo":
      return ["undo", asked.id];
    default:
      return [asked.command, asked.resource];
  }
}

/** @returns what it printed. @throws {Refused} with what it said where it could not */
async function reflex(args: readonly string[], url: string): Promise<string> {
  const child = spawn(process.execPath, [...process.execArgv, REFLEX, ...args], {
    stdio: ["ignore", "pipe", "pipe"],
    env: {
      PATH: process.env.PATH,
      NODE_OPTIONS: process.env.NODE_OPTIONS,
      ...{ AWS_ENDPOINT_URL: url, AWS_REGION: "us-east-1" },
      ...{ AWS_ACCESS_KEY_ID: "sandbox", AWS_SECRET_ACCESS_KEY: "sandbox" },
    },
  });
  const [printed, problem, code] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    new Promise<number | null>((resolve, reject) => {
      child.on("error", reject);
      child.on("close", resolve);
    }),
  ]);
  if (code === 0) return printed.trim();
  throw new Refused(problem.trim() || `reflex ${args.join(" ")} ended with ${code}`);
}
