import type { Resource } from "../../shared/cloudformation/resource.ts";
import type { AccountConfig } from "../account/account-config.ts";
import type { Target } from "./target.ts";

type Keys = AccountConfig["kmsKeys"];

/** How a resource of a type names its customer key. */
const KEYED: Readonly<Record<string, readonly [kind: keyof Keys, key: (arn: string) => Resource]>> = {
  "AWS::Logs::LogGroup": ["logs", (arn) => ({ KmsKeyId: arn })],
  "AWS::DynamoDB::Table": [
    "tables",
    (arn) => ({ SSESpecification: { SSEEnabled: true, SSEType: "KMS", KMSMasterKeyId: arn } }),
  ],
  "AWS::SNS::Topic": ["topics", (arn) => ({ KmsMasterKeyId: arn })],
  "AWS::SQS::Queue": ["queues", (arn) => ({ SqsManagedSseEnabled: undefined, KmsMasterKeyId: arn })],
  "AWS::Kinesis::Stream": ["streams", (arn) => ({ StreamEncryption: { EncryptionType: "KMS", KeyId: arn } })],
};

/**
 * A resource under the customer key for its kind, in this region.
 *
 * @throws {Error} where keys are named and none is in the region
 */
export function withKeys(resource: Resource, { account, region }: Target): Resource {
  const [kind, key] = KEYED[String(resource.Type)] ?? [];
  if (kind === undefined || key === undefined) return resource;
  const arn = keyFor(account.kmsKeys, kind, region);
  if (arn === undefined) return resource;
  const properties = { ...Object(resource.Properties), ...key(arn) };
  const set = Object.entries(properties).filter(([, value]) => value !== undefined);
  return { ...resource, Properties: Object.fromEntries(set) };
}

/** @throws {Error} where keys are named and none is in the region */
function keyFor(keys: Keys, kind: keyof Keys, region: string): string | undefined {
  const named = keys[kind];
  const found = named.find((arn) => arn.split(":")[3] === region);
  if (named.length > 0 && found === undefined) {
    throw new Error(`account.kmsKeys.${kind}: found ${named.join(", ")}, expected a key in ${region}`);
  }
  return found;
}

const READ = ["kms:Decrypt"];
const WRITE = ["kms:Decrypt", "kms:GenerateDataKey"];

/** What a call needs of the key of what it is made on. */
const NEEDED: readonly {
  readonly calls: RegExp;
  readonly kind: keyof Keys;
  readonly actions: readonly string[];
}[] = [
  { calls: /^kinesis:GetRecords$/, kind: "streams", actions: READ },
  { calls: /^ssm:GetParameters$/, kind: "parameters", actions: READ },
  { calls: /^secretsmanager:GetSecretValue$/, kind: "secrets", actions: READ },
  { calls: /^dynamodb:(?:Query|GetItem|BatchGetItem)$/, kind: "tables", actions: READ },
  {
    calls: /^dynamodb:(?:PutItem|UpdateItem|DeleteItem|BatchWriteItem|PartiQL\w+)$/,
    kind: "tables",
    actions: WRITE,
  },
  { calls: /^sns:Publish$/, kind: "topics", actions: WRITE },
  { calls: /^sqs:SendMessage$/, kind: "queues", actions: WRITE },
  // Lambda takes messages with the function's role.
  { calls: /^sqs:ReceiveMessage$/, kind: "queues", actions: READ },
];

/** The statements of a role, and what its calls need of the customer keys; nothing where there are none. */
export function withKeyPermissions(statements: readonly Resource[], keys: Keys): readonly Resource[] {
  const calls = statements.flatMap(({ Action }) => [Action].flat().map(String));
  const needed = NEEDED.filter(({ calls: pattern }) => calls.some((call) => pattern.test(call)));
  const byKind = Map.groupBy(needed, ({ kind }) => kind);
  const more = [...byKind].flatMap(([kind, uses]) =>
    keys[kind].length === 0
      ? []
      : [
          {
            Sid: `UseTheKeysOf${kind.charAt(0).toUpperCase()}${kind.slice(1)}`,
            Effect: "Allow",
            Action: [...new Set(uses.flatMap(({ actions }) => actions))],
            Resource: keys[kind],
          },
        ],
  );
  return [...statements, ...more];
}
