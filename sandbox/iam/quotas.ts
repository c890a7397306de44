import { AwsError } from "../wire/error.ts";

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html; white space is not counted. */
export const LARGEST_INLINE = 10_240;
export const LARGEST_MANAGED = 6_144;
const LONGEST_ROLE_NAME = 64;
const LONGEST_POLICY_NAME = 128;
/** The quota of a new account; it can be raised to 20. */
export const MOST_MANAGED_POLICIES = 10;

/** What a policy counts: its characters without white space outside of texts. */
export const policySize = (document: unknown): number => JSON.stringify(document).length;

/** @throws {AwsError} as IAM refuses a role that is too large or has too long a name */
export function checkRole(name: string, inline: readonly unknown[], managedPolicies: number): void {
  if (name.length > LONGEST_ROLE_NAME) {
    throw new AwsError(
      "ValidationError",
      `1 validation error detected: Value '${name}' at 'roleName' failed to satisfy constraint: Member must have length less than or equal to ${LONGEST_ROLE_NAME}`,
    );
  }
  const size = inline.reduce<number>((sum, document) => sum + policySize(document), 0);
  if (size > LARGEST_INLINE) {
    throw exceeded(`Maximum policy size of ${LARGEST_INLINE} bytes exceeded for role ${name}`);
  }
  if (managedPolicies > MOST_MANAGED_POLICIES) {
    throw exceeded(`Cannot exceed quota for PoliciesPerRole: ${MOST_MANAGED_POLICIES}`);
  }
}

/** @throws {AwsError} as IAM refuses a managed policy that is too large or has too long a name */
export function checkManagedPolicy(name: string, document: unknown): void {
  if (name.length > LONGEST_POLICY_NAME) {
    throw new AwsError(
      "ValidationError",
      `1 validation error detected: Value '${name}' at 'policyName' failed to satisfy constraint: Member must have length less than or equal to ${LONGEST_POLICY_NAME}`,
    );
  }
  if (policySize(document) > LARGEST_MANAGED) {
    throw exceeded(`Cannot exceed quota for PolicySize: ${LARGEST_MANAGED}`);
  }
}

function exceeded(message: string): AwsError {
  return new AwsError("LimitExceeded", message, { status: 409 });
}
