import * as z from "zod/mini";
import { notSimulated } from "../not-simulated.ts";
import { ACCOUNT_ID, type ResourceType } from "../service.ts";
import { parse } from "../wire/parse.ts";

const textOrList = z.union([z.string(), z.array(z.string())]);

const Statement = z.looseObject({
  Effect: z.enum(["Allow", "Deny"]),
  Action: z.optional(textOrList),
  NotAction: z.optional(textOrList),
  Resource: z.optional(textOrList),
});

const PolicyDocument = z.looseObject({
  Statement: z.union([Statement, z.array(Statement)]),
});

const Role = z.looseObject({
  RoleName: z.optional(z.string()),
  Policies: z.optional(z.array(z.looseObject({ PolicyDocument }))),
  ManagedPolicyArns: z.optional(z.array(z.string())),
});

const Policy = z.looseObject({
  PolicyName: z.optional(z.string()),
  ManagedPolicyName: z.optional(z.string()),
  PolicyDocument,
  Roles: z.optional(z.array(z.string())),
});

/** A statement of a role's policies. */
export type PolicyStatement = z.infer<typeof Statement>;

/** The roles of the template. Nobody is refused here; the statements are kept to compare the calls with. */
export interface Iam {
  readonly resources: Readonly<Record<string, ResourceType>>;
  statementsOf(roleArn: string): readonly PolicyStatement[];
}

const ROLE_ARN = `arn:aws:iam::${ACCOUNT_ID}:role/`;

export function createIam(): Iam {
  const statements = new Map<string, PolicyStatement[]>();

  const policy: ResourceType = async (logicalId, properties) => {
    const { Roles, PolicyName, ManagedPolicyName, PolicyDocument } = parse(Policy, properties);
    for (const role of Roles ?? []) statements.get(role)?.push(...[PolicyDocument.Statement].flat());
    const name = ManagedPolicyName ?? PolicyName ?? logicalId;
    const attributes = { Arn: `arn:aws:iam::${ACCOUNT_ID}:policy/${name}` };
    return { ref: ManagedPolicyName ? attributes.Arn : name, attributes };
  };

  return {
    resources: {
      "AWS::IAM::Role": async (logicalId, properties, generatedName = logicalId) => {
        const role = parse(Role, properties);
        const name = role.RoleName ?? generatedName;
        const documents = (role.Policies ?? []).map(({ PolicyDocument }) => PolicyDocument);
        statements.set(
          name,
          documents.flatMap(({ Statement }) => [Statement].flat()),
        );
        const known = ["RoleName", "Path", "Policies", "AssumeRolePolicyDocument", "Description", "Tags"];
        return {
          ref: name,
          attributes: { Arn: `${ROLE_ARN}${name}`, RoleId: `AROA${name.toUpperCase()}` },
          notSimulated: notSimulated(logicalId, properties, known, {
            ManagedPolicyArns: "the statements of AWS's own policies are not known here",
          }),
          remove: async () => void statements.delete(name),
        };
      },
      "AWS::IAM::Policy": policy,
      "AWS::IAM::ManagedPolicy": policy,
    },
    statementsOf: (roleArn) => statements.get(roleArn.slice(ROLE_ARN.length)) ?? [],
  };
}

/**
 * Whether a role's statements allow an action, for example `kinesis:UpdateShardCount`, on all of these resources;
 * without resources, on any at all. Conditions are not looked at.
 *
 * @param resources ARNs
 */
export function allows(
  statements: readonly PolicyStatement[],
  action: string,
  resources: readonly string[] = [],
): boolean {
  const on = statements.filter((one) =>
    [one.Action ?? []].flat().some((pattern) => fits(pattern, action, "i")),
  );
  const named = (effect: "Allow" | "Deny", resource?: string) =>
    on.some(
      ({ Effect, Resource = "*" }) =>
        Effect === effect &&
        (resource === undefined || [Resource].flat().some((pattern) => fits(pattern, resource))),
    );
  if (resources.length === 0) return named("Allow") && !named("Deny");
  return resources.every((resource) => named("Allow", resource) && !named("Deny", resource));
}

/** IAM's wildcards: `*` any text, `?` one character. The case counts in resources, not in actions. */
function fits(pattern: string, text: string, flags = ""): boolean {
  const escaped = pattern.replace(/[.+^${}()|[\]\\]/g, "\\$&");
  return new RegExp(`^${escaped.replaceAll("*", ".*").replaceAll("?", ".")}$`, flags).test(text);
}
