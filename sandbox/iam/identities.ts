import type { Callers } from "../endpoint/calls.ts";
import { EncryptedResources } from "./encrypted-resources.ts";
import type { RoleAllows } from "./execution-role.ts";
import { createIam, type Iam } from "./iam.ts";
import { Keys } from "./keys.ts";
import type { CallingFunction } from "./permissions.ts";
import { signIn } from "./sign-in.ts";

/** Who calls in an account, and what decides whether they may. */
export interface Identities {
  readonly iam: Iam;
  /** KMS keys: their policies and grants. */
  readonly keys: Keys;
  readonly encrypted: EncryptedResources;
  readonly callers: Callers;
  readonly roleAllows: RoleAllows;
  /** Those who have signed in beside the functions: people, and sessions of roles. */
  signedIn(): readonly CallingFunction[];
  add(caller: CallingFunction): void;
  /** As `signIn`. @throws {AwsError} for a policy that is none */
  limit(accessKeyId: string, policy: Readonly<Record<string, unknown>>): Promise<void>;
}

export function createIdentities(): Identities {
  const iam = createIam();
  const callers: Callers = new Map();
  const signedIn: CallingFunction[] = [];
  return {
    ...{ iam, callers, keys: new Keys(), encrypted: new EncryptedResources() },
    roleAllows: (role, action, resource) =>
      iam.hasRole(role)
        ? iam.allows(role, { action, ...(resource && { resources: [resource] }) })
        : undefined,
    signedIn: () => signedIn,
    add: (caller) => void signedIn.push(caller),
    limit: async (accessKeyId, policy) => void signedIn.push(await signIn(accessKeyId, policy, iam, callers)),
  };
}
