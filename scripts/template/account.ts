import type { Resource } from "../../shared/cloudformation/resource.ts";
import type { AccountConfig } from "../account/account-config.ts";
import { withKeyPermissions, withKeys } from "./customer-keys.ts";
import { withTags } from "./tags.ts";
import type { Target } from "./target.ts";

type Resources = Readonly<Record<string, Resource>>;

/** What Lambda does by a function's role to put it into a VPC. AWS has no resource level for most of it. */
const IN_VPC: Resource = {
  Sid: "JoinTheVpc",
  Effect: "Allow",
  Action: [
    "ec2:CreateNetworkInterface",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSubnets",
    "ec2:DeleteNetworkInterface",
    "ec2:AssignPrivateIpAddresses",
    "ec2:UnassignPrivateIpAddresses",
  ],
  Resource: ["*"],
};

/**
 * The resources as the account demands them: boundary, path and tags, retention, customer keys, VPC, and what a function
 * has more or less of.
 *
 * @throws {Error} for a function that the config names and that there is not, and for a region without a VPC
 */
export function asDemanded(resources: Resources, target: Target): Resources {
  const { account } = target;
  const settings = settingsByFunction(resources, target);
  const inVpc = new Set(
    Object.entries(resources).flatMap(([id, one]) =>
      settings.get(id)?.VpcConfig === undefined ? [] : roleOf(one),
    ),
  );
  return Object.fromEntries(
    Object.entries(resources).map(([id, resource]) => {
      const shaped = [
        (one: Resource) => withProperties(one, settings.get(id)),
        (one: Resource) => (one.Type === "AWS::IAM::Role" ? asRole(one, account, inVpc.has(id)) : one),
        (one: Resource) =>
          one.Type === "AWS::Logs::LogGroup"
            ? withProperties(one, { RetentionInDays: account.logRetentionDays })
            : one,
        (one: Resource) => withKeys(one, target),
        (one: Resource) => withTags(one, account.tags),
      ].reduce((one, step) => step(one), resource);
      return [id, shaped];
    }),
  );
}

const withProperties = (resource: Resource, more: Resource | undefined): Resource =>
  more === undefined ? resource : { ...resource, Properties: { ...Object(resource.Properties), ...more } };

/** A function in another region has that of the service behind its name. */
const nameOf = ({ Properties }: Resource, stage: string): string =>
  String(Reflect.get(Object(Properties), "FunctionName"))
    .replace(`reflex-${stage}-`, "")
    .replace(/-for-[a-z]{2}(?:-[a-z]+)+-\d$/, "");

const roleOf = ({ Properties }: Resource): readonly string[] => {
  const role: unknown = Reflect.get(Object(Reflect.get(Object(Properties), "Role")), "Fn::GetAtt");
  return Array.isArray(role) ? [String(role[0])] : [];
};

/** By a function's logical id: the properties the config sets. */
function settingsByFunction(
  resources: Resources,
  { stage, region, account, inOtherStacks = [] }: Target,
): ReadonlyMap<string, Resource> {
  const functions = Object.entries(resources).filter(([, { Type }]) => Type === "AWS::Lambda::Function");
  const names = functions.map(([, one]) => nameOf(one, stage));
  const known = [...new Set([...names, ...inOtherStacks])];
  const unknown = Object.keys(account.functions).filter((name) => !known.includes(name));
  if (unknown.length > 0) {
    throw new Error(
      `account.functions: found ${unknown.join(", ")}, expected functions that are deployed: ${known.join(", ")}`,
    );
  }
  const regions = Object.keys(account.vpc);
  const vpc = account.vpc[region];
  if (regions.length > 0 && vpc === undefined) {
    throw new Error(
      `account.vpc: found ${regions.join(", ")}, expected an entry for ${region}, which is deployed to`,
    );
  }
  return new Map(
    functions.map(([id, one]) => {
      const { memorySize, reservedConcurrency, vpc: own } = account.functions[nameOf(one, stage)] ?? {};
      return [
        id,
        {
          ...(memorySize !== undefined && { MemorySize: memorySize }),
          ...(reservedConcurrency !== undefined && { ReservedConcurrentExecutions: reservedConcurrency }),
          ...(vpc !== undefined &&
            own !== "none" && {
              VpcConfig: { SubnetIds: vpc.subnets, SecurityGroupIds: vpc.securityGroups },
            }),
        },
      ];
    }),
  );
}

function asRole(role: Resource, account: AccountConfig, joinsVpc: boolean): Resource {
  const { permissionsBoundary: boundary, rolePath } = account;
  const { Policies, ...others } = Object(role.Properties);
  return {
    ...role,
    Properties: {
      ...others,
      ...(rolePath !== undefined && { Path: rolePath }),
      ...(boundary !== undefined && { PermissionsBoundary: boundaryArn(boundary) }),
      Policies: Policies.map((policy: Resource) => {
        const document: object = Object(policy.PolicyDocument);
        const statements: readonly Resource[] = Reflect.get(document, "Statement");
        const all = [...withKeyPermissions(statements, account.kmsKeys), ...(joinsVpc ? [IN_VPC] : [])];
        return { ...policy, PolicyDocument: { ...document, Statement: all } };
      }),
    },
  };
}

const boundaryArn = (boundary: string): unknown =>
  boundary.startsWith("arn:")
    ? boundary
    : { "Fn::Sub": `arn:\${AWS::Partition}:iam::\${AWS::AccountId}:policy/${boundary}` };
