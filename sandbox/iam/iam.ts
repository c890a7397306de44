import * as z from "zod/mini";
import { notSimulated } from "../not-simulated.ts";
import { ACCOUNT_ID, type CreatedResource, type Properties, type ResourceType } from "../service.ts";
import { parse } from "../wire/parse.ts";
import { AWS_MANAGED_POLICIES } from "./managed-policies.ts";
import { allows, type ConditionContext, PolicyDocument, type PolicyStatement } from "./policy.ts";
import { checkManagedPolicy, checkRole } from "./quotas.ts";

/** Who may assume a role: a service, or principals of accounts. */
const Trust = z.looseObject({
  Effect: z._default(z.string(), "Allow"),
  Principal: z.optional(
    z.union([z.string(), z.looseObject({ AWS: z.optional(z.union([z.string(), z.array(z.string())])) })]),
  ),
});

const Role = z.looseObject({
  RoleName: z.optional(z.string()),
  Path: z._default(z.string(), "/"),
  Policies: z.optional(z.array(z.looseObject({ PolicyDocument }))),
  ManagedPolicyArns: z._default(z.array(z.string()), []),
  PermissionsBoundary: z.optional(z.string()),
  AssumeRolePolicyDocument: z.optional(
    z.looseObject({ Statement: z._default(z.union([z.array(Trust), Trust]), []) }),
  ),
});

const Policy = z.looseObject({
  PolicyName: z.optional(z.string()),
  ManagedPolicyName: z.optional(z.string()),
  Path: z._default(z.string(), "/"),
  PolicyDocument,
  Roles: z._default(z.array(z.string()), []),
});

/** A call by a role, as policies speak of it. */
export interface Access {
  /** For example `kinesis:UpdateShardCount`. */
  readonly action: string;
  /** ARNs, or `*` for an action without a resource level; none where the call does not say what it is on. */
  readonly resources?: readonly string[] | undefined;
  readonly context?: ConditionContext | undefined;
}

/** The roles and policies of the account; all of its regions have the same. */
export interface Iam {
  readonly resources: Readonly<Record<string, ResourceType>>;
  /** The role's own policies and those attached to it; none for a role that does not exist. */
  statementsOf(roleArn: string): readonly PolicyStatement[];
  hasRole(roleArn: string): boolean;
  /** Whether the trust policy of a role names another role, or that one's account. */
  trusts(roleArn: string, callerArn: string): boolean;
  /** Whether the role's policies allow a call, and its permissions boundary too, where it has one. */
  allows(roleArn: string, access: Access): boolean;
}

interface RoleRecord {
  readonly trust: readonly z.output<typeof Trust>[];
  readonly inline: readonly PolicyStatement[];
  readonly managedPolicyArns: readonly string[];
  readonly boundaryArn: string | undefined;
  /** By the policy's logical id or ARN. */
  readonly attached: Map<string, readonly PolicyStatement[]>;
}

const ARN = `arn:aws:iam::${ACCOUNT_ID}`;

export function createIam(): Iam {
  const roles = new Map<string, RoleRecord>();
  const policies = new Map<string, readonly PolicyStatement[]>();

  const statementsOfPolicy = (arn: string): readonly PolicyStatement[] =>
    policies.get(arn) ?? AWS_MANAGED_POLICIES[arn.replace(/^.*:policy\//, "")] ?? [];

  const roleOf = (roleArn: string) => roles.get(roleArn.split("/").at(-1) ?? "");

  function statementsOf(roleArn: string): readonly PolicyStatement[] {
    const role = roleOf(roleArn);
    if (!role) return [];
    return [
      ...role.inline,
      ...[...role.attached.values()].flat(),
      ...role.managedPolicyArns.flatMap(statementsOfPolicy),
    ];
  }

  return {
    resources: {
      "AWS::IAM::Role": async (logicalId, properties, generatedName = logicalId) =>
        createRole(roles, logicalId, properties, generatedName),
      "AWS::IAM::Policy": async (logicalId, properties, generatedName = logicalId) => {
        const { Roles, PolicyName, PolicyDocument: document } = parse(Policy, properties);
        const name = PolicyName ?? generatedName;
        return attached(roles, { key: name, roles: Roles, document, created: { ref: name } });
      },
      "AWS::IAM::ManagedPolicy": async (logicalId, properties, generatedName = logicalId) => {
        const { Roles, ManagedPolicyName, Path, PolicyDocument: document } = parse(Policy, properties);
        const Arn = `${ARN}:policy${Path}${ManagedPolicyName ?? generatedName}`;
        checkManagedPolicy(ManagedPolicyName ?? generatedName, document);
        policies.set(Arn, [document.Statement].flat());
        const created = attached(roles, {
          key: Arn,
          roles: Roles,
          document,
          created: { ref: Arn, attributes: { Arn, PolicyArn: Arn } },
        });
        return {
          ...created,
          remove: async () => {
            policies.delete(Arn);
            await created.remove?.();
          },
        };
      },
    },
    statementsOf,
    hasRole: (roleArn) => roleOf(roleArn) !== undefined,
    trusts: (roleArn, callerArn) => {
      const account = callerArn.split(":")[4] ?? "";
      const named = ["*", callerArn, account, `arn:aws:iam::${account}:root`];
      return (roleOf(roleArn)?.trust ?? []).some(({ Effect, Principal }) => {
        const principals = typeof Principal === "string" ? [Principal] : [Principal?.AWS ?? []].flat();
        return Effect === "Allow" && principals.some((one) => named.includes(one));
      });
    },
    allows(roleArn, { action, resources, context }) {
      const boundary = roleOf(roleArn)?.boundaryArn;
      return (
        allows(statementsOf(roleArn), action, resources, context) &&
        // A boundary that is not of this sandbox is the company's own, and not known here.
        (boundary === undefined ||
          !policies.has(boundary) ||
          allows(statementsOfPolicy(boundary), action, resources, context))
      );
    },
  };
}

function createRole(
  roles: Map<string, RoleRecord>,
  logicalId: string,
  properties: Properties,
  generatedName: string,
): CreatedResource {
  const declared = parse(Role, properties);
  const name = declared.RoleName ?? generatedName;
  const documents = (declared.Policies ?? []).map((policy) => policy.PolicyDocument);
  checkRole(name, documents, declared.ManagedPolicyArns.length);
  roles.set(name, {
    trust: [declared.AssumeRolePolicyDocument?.Statement ?? []].flat(),
    inline: documents.flatMap(({ Statement }) => [Statement].flat()),
    managedPolicyArns: declared.ManagedPolicyArns,
    boundaryArn: declared.PermissionsBoundary,
    // What is attached to it by another resource stays when the role itself changes.
    attached: roles.get(name)?.attached ?? new Map(),
  });
  const known = [...Object.keys(Role.shape), "Description", "Tags"];
  return {
    ref: name,
    attributes: { Arn: `${ARN}:role${declared.Path}${name}`, RoleId: `AROA${name.toUpperCase()}` },
    notSimulated: [
      ...notSimulated(logicalId, properties, known),
      ...declared.ManagedPolicyArns.filter(isUnknownAwsPolicy).map(
        (arn) =>
          `${logicalId}: the statements of AWS's own policy ${arn} are not known here: it allows nothing.`,
      ),
    ],
    remove: async () => void roles.delete(name),
  };
}

function isUnknownAwsPolicy(arn: string): boolean {
  return arn.includes(":aws:policy/") && !(arn.replace(/^.*:policy\//, "") in AWS_MANAGED_POLICIES);
}

interface Attachment {
  readonly key: string;
  readonly roles: readonly string[];
  readonly document: z.infer<typeof PolicyDocument>;
  readonly created: CreatedResource;
}

/** @param attachment its roles by their names */
function attached(roles: Map<string, RoleRecord>, attachment: Attachment): CreatedResource {
  const { key, document, created } = attachment;
  for (const name of attachment.roles) roles.get(name)?.attached.set(key, [document.Statement].flat());
  return {
    ...created,
    remove: async () => {
      for (const name of attachment.roles) roles.get(name)?.attached.delete(key);
    },
  };
}
