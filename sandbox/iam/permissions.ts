import type { Call } from "../endpoint/calls.ts";
import type { FunctionConfiguration } from "../lambda/configuration.ts";
import { allows, type Iam } from "./iam.ts";

/** IAM's prefix of a service, where it is not the signing name. */
const PREFIXES: Readonly<Record<string, string>> = { monitoring: "cloudwatch" };

/** IAM's action of an operation, where it is not the operation's own name. */
const ACTIONS: Readonly<Record<string, string>> = {
  "lambda:Invoke": "lambda:InvokeFunction",
  "sqs:SendMessageBatch": "sqs:SendMessage",
};

/** What a function may do in a cluster its ClusterRole says, and the sandbox's cluster refuses the rest. */
const KUBERNETES = "kubernetes";

/**
 * The calls of functions that AWS would refuse, since the function's role does not allow them, as
 * `function: action on resource`, each once. The sandbox lets them pass. The resource is looked at as far as the
 * request tells it (call-resources.ts), a condition not at all.
 */
export function notPermitted(
  calls: readonly Call[],
  functions: readonly FunctionConfiguration[],
  iam: Pick<Iam, "statementsOf">,
): string[] {
  const refused = calls.filter(({ functionName, service, operation, resources }) => {
    if (functionName === undefined || service === KUBERNETES) return false;
    const role = functions.find(({ name }) => name === functionName)?.role ?? "";
    return !allows(iam.statementsOf(role), actionOf(service, operation), resources);
  });
  return [...new Set(refused.map(describe))];
}

function describe({ functionName, service, operation, resources = [] }: Call): string {
  const on = resources.length > 0 ? ` on ${resources.join(", ")}` : "";
  return `${functionName}: ${actionOf(service, operation)}${on}`;
}

function actionOf(service: string, operation: string): string {
  const action = `${PREFIXES[service] ?? service}:${operation}`;
  return ACTIONS[action] ?? action;
}
