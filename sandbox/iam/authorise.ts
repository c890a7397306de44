import type { Refusal } from "../endpoint/refusal.ts";
import type { FunctionConfiguration } from "../lambda/configuration.ts";
import { ACCOUNT_ID, type AwsRequest } from "../service.ts";
import type { Iam } from "./iam.ts";
import { type FunctionCall, refusedAction } from "./permissions.ts";
import type { ConditionContext } from "./policy.ts";

const RESOURCE_TAG = "aws:resourcetag/";

/** Refuses a function's call that its role does not allow, as AWS does; undefined where it is allowed. */
export type Authorise = (call: FunctionCall, request: AwsRequest) => Refusal | undefined;

export interface AuthoriseDependencies {
  readonly iam: Iam;
  readonly functions: () => readonly Pick<FunctionConfiguration, "name" | "role">[];
  /** The tags of a resource by its ARN, for conditions on `aws:ResourceTag/…`. */
  readonly tagsOf: (arn: string) => Readonly<Record<string, string>>;
}

export function createAuthorise({ iam, functions, tagsOf }: AuthoriseDependencies): Authorise {
  const contextOf =
    (request: AwsRequest): ConditionContext =>
    (key, resource) => {
      if (key.startsWith(RESOURCE_TAG)) {
        const tags = Object.entries(tagsOf(resource));
        const found = tags.find(([name]) => name.toLowerCase() === key.slice(RESOURCE_TAG.length));
        return found && [found[1]];
      }
      if (key === "aws:requestedregion") return [request.region];
      return undefined;
    };

  return (call, request) => {
    const refused = refusedAction({ ...call, context: contextOf(request) }, functions(), iam);
    if (!refused) return undefined;
    const { action, roleArn, resources } = refused;
    const role = roleArn.split("/").at(-1) ?? "";
    const user = `arn:aws:sts::${ACCOUNT_ID}:assumed-role/${role}/${call.functionName}`;
    const on = resources[0] === undefined || resources[0] === "*" ? "" : ` on resource: ${resources[0]}`;
    const message = `User: ${user} is not authorized to perform: ${action}${on} because no identity-based policy allows the ${action} action`;
    return { ...errorOf(call.service), message };
  };
}

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
