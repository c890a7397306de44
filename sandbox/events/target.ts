import * as z from "zod/mini";
import type { BusEvent, Deliveries } from "../deliveries.ts";
import { AwsError } from "../wire/error.ts";

/** A rule's target: PutTargets and AWS::Events::Rule take the same. */
export const targetSchema = z.object({
  Id: z.string().check(z.minLength(1), z.maxLength(64)),
  Arn: z.string(),
  Input: z.optional(z.string()),
  InputPath: z.optional(z.string()),
  InputTransformer: z.optional(
    z.object({ InputPathsMap: z._default(z.record(z.string(), z.string()), {}), InputTemplate: z.string() }),
  ),
  RetryPolicy: z.optional(z.unknown()),
  DeadLetterConfig: z.optional(z.unknown()),
});

export type Target = z.infer<typeof targetSchema>;

/** @throws {AwsError} ValidationException for a target the sandbox cannot deliver to */
export function checkTarget({ Id, Arn, Input, InputPath, InputTransformer }: Target): void {
  if (!/^arn:aws:(lambda|sns|sqs):/.test(Arn)) {
    throw refused(
      Id,
      `${Arn} is not simulated: the sandbox delivers to Lambda functions, SNS topics and SQS queues`,
    );
  }
  if ([Input, InputPath, InputTransformer].filter((one) => one !== undefined).length > 1)
    throw refused(Id, "expected Input or InputPath, not both, or InputTransformer");
  if (Input !== undefined && !isJson(Input)) throw refused(Id, `Input is no JSON: ${Input.slice(0, 100)}`);
  const paths = [InputPath, ...Object.values(InputTransformer?.InputPathsMap ?? {})];
  const unread = paths.find((path) => path !== undefined && !PATH.test(path));
  if (unread !== undefined) {
    throw refused(
      Id,
      `InputPath "${unread}": the sandbox reads paths such as $.detail.name and $.resources[0]`,
    );
  }
}

/** Hands an event to a target, as its Input or InputPath says. */
export async function deliver(deliveries: Deliveries, target: Target, event: BusEvent): Promise<void> {
  const input = inputFor(target, event);
  if (target.Arn.startsWith("arn:aws:lambda:")) await deliveries.toFunction(target.Arn, input);
  else if (target.Arn.startsWith("arn:aws:sqs:")) await deliveries.toQueue(target.Arn, JSON.stringify(input));
  else await deliveries.toTopic(target.Arn, { message: JSON.stringify(input) });
}

function inputFor({ Input, InputPath, InputTransformer }: Target, event: BusEvent): unknown {
  if (InputTransformer) return transformed(InputTransformer, event);
  if (Input !== undefined) return JSON.parse(Input);
  return InputPath === undefined ? event : follow(InputPath, event);
}

/** The template with what its paths lead to; in a text a value stands as it is, elsewhere as JSON. */
function transformed(
  { InputPathsMap, InputTemplate }: NonNullable<Target["InputTransformer"]>,
  event: BusEvent,
): unknown {
  const isText = InputTemplate.startsWith('"');
  const filled = InputTemplate.replace(/<([\w-]+)>/g, (_, name: string) => {
    const json = JSON.stringify(follow(InputPathsMap[name] ?? "", event));
    return isText ? JSON.stringify(json.replace(/^"|"$/g, "")).slice(1, -1) : json;
  });
  return JSON.parse(filled);
}

const STEP = /\.([\w-]+)|\[(\d+)\]|\['([^']+)'\]/g;
const PATH = /^\$(?:\.[\w-]+|\[\d+\]|\['[^']+'\])*$/;

function follow(path: string, event: unknown): unknown {
  let value = event;
  for (const [, name, index, quoted] of path.matchAll(STEP)) {
    if (typeof value !== "object" || value === null) return null;
    value = Reflect.get(value, name ?? index ?? quoted ?? "");
  }
  return value ?? null;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function refused(id: string, why: string): AwsError {
  return new AwsError("ValidationException", `The target ${id}: ${why}.`);
}
