/**
 * One invocation of a bundle as Lambda's Node.js runtime would make it, in this process: `run-function.ts <folder> <handler>`, the
 * event on stdin, the result as the last line.
 */
import { createRequire } from "node:module";
import { join } from "node:path";
import { text } from "node:stream/consumers";

const [folder = "", handler = ""] = process.argv.slice(2);
const dot = handler.lastIndexOf(".");
const started = performance.now();
const bundle: unknown = createRequire(join(folder, "/"))(join(folder, handler.slice(0, dot)));
const found: unknown =
  typeof bundle === "object" && bundle !== null && Reflect.get(bundle, handler.slice(dot + 1));
if (typeof found !== "function") throw new Error(`${handler} is not in the bundle`);

const result: unknown = await found(JSON.parse(await text(process.stdin)), {
  awsRequestId: "00000000-0000-4000-8000-000000000001",
  functionName: process.env.AWS_LAMBDA_FUNCTION_NAME,
  invokedFunctionArn: process.env.FUNCTION_ARN,
  getRemainingTimeInMillis: () => 60_000 - (performance.now() - started),
});
process.stdout.write(`\n${JSON.stringify(result) ?? "null"}\n`, () => process.exit(0));
