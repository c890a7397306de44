import type { Callers } from "../endpoint/calls.ts";
import type { Iam } from "./iam.ts";
import type { CallingFunction } from "./permissions.ts";

/**
 * Gives an access key to a person in a role of this policy, so that the person's calls are refused as those of a function
 * are.
 *
 * @throws {AwsError} for a policy that is none
 */
export async function signIn(
  accessKeyId: string,
  policy: Readonly<Record<string, unknown>>,
  iam: Pick<Iam, "resources">,
  callers: Callers,
): Promise<CallingFunction> {
  const create = iam.resources["AWS::IAM::Role"];
  const name = `person-${accessKeyId}`;
  const Policies = [{ PolicyName: name, PolicyDocument: policy }];
  const role = await create?.(name, { RoleName: name, Policies });
  const arn = role?.attributes?.Arn ?? "";
  // An endpoint distinguishes callers by their functions.
  callers.set(accessKeyId, {
    functionName: name,
    functionArn: arn,
    requestId: () => undefined,
    crash: async () => {},
  });
  return { name, arn, role: arn };
}
