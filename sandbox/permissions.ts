import type { Call } from "./calls.ts";
import { allows, type Iam } from "./iam.ts";
import type { FunctionConfiguration } from "./lambda/configuration.ts";

/** IAM's prefix of a service, where it is not the signing name. */
const PREFIXES: Readonly<Record<string, string>> = { monitoring: "cloudwatch" };

/** IAM's action of an operation, where it is not the operation's own name. */
const ACTIONS: Readonly<Record<string, string>> = {
  "lambda:Invoke": "lambda:InvokeFunction",
  "sqs:SendMessageBatch": "sqs:SendMessage",
};

/**
 * The calls of functions that AWS would refuse, since the function's role does not allow them, as
 * `function: action`, each once. The sandbox lets them pass. Only the action is looked at, not the resource
 * and no condition.
 */
export function notPermitted(
  calls: readonly Call[],
  functions: readonly FunctionConfiguration[],
  iam: Pick<Iam, "statementsOf">,
): string[] {
  const refused = calls.filter(({ functionName, service, operation }) => {
    if (functionName === undefined) return false;
    const role = functions.find(({ name }) => name === functionName)?.role ?? "";
    return !allows(iam.statementsOf(role), actionOf(service, operation));
  });
  return [
    ...new Set(refused.map((call) => `${call.functionName}: ${actionOf(call.service, call.operation)}`)),
  ];
}

function actionOf(service: string, operation: string): string {
  const action = `${PREFIXES[service] ?? service}:${operation}`;
  return ACTIONS[action] ?? action;
}
