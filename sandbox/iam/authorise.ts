import type { Refusal } from "../endpoint/refusal.ts";
import { ACCOUNT_ID, type AwsRequest } from "../service.ts";
import { neededOfKey } from "./encrypted-resources.ts";
import type { Iam } from "./iam.ts";
import { Keys } from "./keys.ts";
import { type CallingFunction, type FunctionCall, refusedAction, roleOfCaller } from "./permissions.ts";
import type { ConditionContext } from "./policy.ts";

const RESOURCE_TAG = "aws:resourcetag/";

/** Refuses a function's call that its role does not allow, as AWS does; undefined where it is allowed. */
export type Authorise = (call: FunctionCall, request: AwsRequest) => Refusal | undefined;

export interface AuthoriseDependencies {
  readonly iam: Iam;
  /** Of all regions. */
  readonly functions: () => readonly CallingFunction[];
  /** The customer's key a resource is encrypted with. */
  readonly keyOf?: (arn: string) => string | undefined;
  /** The account's keys; where absent, every key hands over to IAM. */
  readonly keys?: Keys;
  /** The tags of a resource by its ARN, for conditions on `aws:ResourceTag/…`. */
  readonly tagsOf: (arn: string) => Readonly<Record<string, string>>;
}

export function createAuthorise(dependencies: AuthoriseDependencies): Authorise {
  const { iam, functions, tagsOf, keyOf = () => undefined, keys = new Keys() } = dependencies;
  const contextOf =
    (request: AwsRequest): ConditionContext =>
    (key, resource) => {
      if (key.startsWith(RESOURCE_TAG)) {
        const tags = Object.entries(tagsOf(resource));
        const found = tags.find(([name]) => name.toLowerCase() === key.slice(RESOURCE_TAG.length));
        return found && [found[1]];
      }
      if (key === "aws:requestedregion") return [request.region];
      if (key === "kms:calleraccount") return [ACCOUNT_ID];
      return undefined;
    };

  return (call, request) => {
    const refused = refusedAction({ ...call, context: contextOf(request) }, functions(), iam);
    if (!refused) return refusedKey(call, request);
    const { action, roleArn, resources } = refused;
    const user = assumed(roleArn, call);
    const on = resources[0] === undefined || resources[0] === "*" ? "" : ` on resource: ${resources[0]}`;
    const message = `User: ${user} is not authorized to perform: ${action}${on} because no identity-based policy allows the ${action} action`;
    return { ...errorOf(call.service), message };
  };

  /** The call itself is allowed: so must be what it needs of the key. */
  function refusedKey(call: FunctionCall, request: AwsRequest): Refusal | undefined {
    const roleArn = roleOfCaller(call, functions());
    if (call.functionName === undefined || roleArn === undefined) return undefined;
    for (const resource of call.resources ?? []) {
      const key = keyOf(resource);
      if (key === undefined) continue;
      const context: ConditionContext = (name, on) =>
        name === "kms:viaservice"
          ? [`${call.service}.${request.region}.amazonaws.com`]
          : contextOf(request)(name, on);
      const byRole = (action: string) => iam.allows(roleArn, { action, resources: [key], context });
      const lacks = neededOfKey(call.service, call.operation).find(
        (action) => !keys.allows({ keyArn: key, action, roleArn, context, byRole: byRole(action) }),
      );
      if (lacks === undefined) continue;
      const because = byRole(lacks) ? "resource-based" : "identity-based";
      const message = `User: ${assumed(roleArn, call)} is not authorized to perform: ${lacks} on resource: ${key} because no ${because} policy allows the ${lacks} action`;
      return { status: 400, code: KEY_ERRORS[call.service] ?? "AccessDeniedException", message };
    }
    return undefined;
  }
}

const assumed = (roleArn: string, { functionName }: FunctionCall): string =>
  `arn:aws:sts::${ACCOUNT_ID}:assumed-role/${roleArn.split("/").at(-1)}/${functionName}`;

/** What each service calls a key that the caller may not use. */
const KEY_ERRORS: Readonly<Record<string, string>> = {
  kinesis: "KMSAccessDeniedException",
  sns: "KMSAccessDenied",
  sqs: "KmsAccessDenied",
};

/** How each service says so; from the error lists of AWS's API models. */
function errorOf(service: string): Pick<Refusal, "status" | "code"> {
  switch (service) {
    case "kinesis":
    case "dynamodb":
    case "ssm":
    case "secretsmanager":
      return { status: 400, code: "AccessDeniedException" };
    case "lambda":
    case "eks":
    case "xray":
      return { status: 403, code: "AccessDeniedException" };
    case "sns":
      return { status: 403, code: "AuthorizationError" };
    case "ec2":
      return { status: 403, code: "UnauthorizedOperation" };
    default:
      return { status: 403, code: "AccessDenied" };
  }
}
