import * as z from "zod/mini";

/** As far as an import looks at a resource. */
export interface Resource {
  readonly Type: string;
  readonly DeletionPolicy?: string | undefined;
  readonly DependsOn?: string | readonly string[] | undefined;
  readonly Properties?: Readonly<Record<string, unknown>> | undefined;
}

export interface StackTemplate {
  readonly Resources: Readonly<Record<string, Resource>>;
}

const Schema = z.looseObject({
  Resources: z.record(
    z.string(),
    z.looseObject({
      Type: z.string(),
      DeletionPolicy: z.optional(z.string()),
      DependsOn: z.optional(z.union([z.string(), z.array(z.string())])),
      Properties: z.optional(z.record(z.string(), z.unknown())),
    }),
  ),
});

/** @throws {Error} for what is no template */
export const parseStackTemplate = (text: string): StackTemplate => z.parse(Schema, JSON.parse(text));

/**
 * Types that outlive their stack: the property that has the name, and the one by which CloudFormation imports them.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/resource-import-supported-resources.html
 */
const KEPT_TYPES = {
  "AWS::DynamoDB::Table": { name: "TableName", identifier: "TableName" },
  "AWS::SQS::Queue": { name: "QueueName", identifier: "QueueUrl" },
  "AWS::S3::Bucket": { name: "BucketName", identifier: "BucketName" },
} as const;

export type KeptType = keyof typeof KEPT_TYPES;

/** A resource that may have outlived its stack. */
export interface Kept {
  readonly logicalId: string;
  readonly type: KeptType;
  readonly name: string;
  /** Of a table: its key as the template says it. */
  readonly key: unknown;
}

/** What of a packaged template outlives its stack, and is not in the stack that is deployed. */
export function keptResources(
  packaged: StackTemplate,
  deployed: StackTemplate,
  place: { readonly account: string; readonly region: string },
): readonly Kept[] {
  return Object.entries(packaged.Resources).flatMap(
    ([logicalId, { Type, DeletionPolicy, Properties = {} }]) => {
      if (!isKeptType(Type) || !DeletionPolicy?.startsWith("Retain") || deployed.Resources[logicalId])
        return [];
      const name = nameIn(Properties[KEPT_TYPES[Type].name], place);
      return name === undefined ? [] : [{ logicalId, type: Type, name, key: Properties.KeySchema }];
    },
  );
}

const isKeptType = (type: string): type is KeptType => Object.hasOwn(KEPT_TYPES, type);

/** A name that a template gives, with the account and region in the place of their placeholders. */
function nameIn(
  value: unknown,
  { account, region }: { readonly account: string; readonly region: string },
): string | undefined {
  if (typeof value === "string") return value;
  const text: unknown = Reflect.get(Object(value), "Fn::Sub");
  if (typeof text !== "string") return undefined;
  const name = text.replaceAll(`\${AWS::AccountId}`, account).replaceAll(`\${AWS::Region}`, region);
  return name.includes("$") ? undefined : name;
}

/** As a change set names what is imported. @param identifier the value of the property that identifies it */
export const toImport = ({ logicalId, type }: Kept, identifier: string) => ({
  ResourceType: type,
  LogicalResourceId: logicalId,
  ResourceIdentifier: { [KEPT_TYPES[type].identifier]: identifier },
});

/**
 * The deployed template with the resources to import. CloudFormation changes nothing else in such an operation: what they
 * refer to and is not there is left out, and comes with the next deploy.
 */
export function importTemplate(
  deployed: StackTemplate,
  packaged: StackTemplate,
  kept: readonly Kept[],
): StackTemplate {
  const ids = new Set([...Object.keys(deployed.Resources), ...kept.map(({ logicalId }) => logicalId)]);
  const imported = kept.map(({ logicalId }) => {
    const { DependsOn: _, Properties = {}, ...resource } = packaged.Resources[logicalId] ?? { Type: "" };
    const known = Object.entries(Properties).filter(([, value]) =>
      referencesIn(value).every((id) => ids.has(id)),
    );
    return [logicalId, { ...resource, Properties: Object.fromEntries(known) }] as const;
  });
  return { ...deployed, Resources: { ...deployed.Resources, ...Object.fromEntries(imported) } };
}

/** The logical ids a value refers to. */
function referencesIn(value: unknown): readonly string[] {
  const text = JSON.stringify(value);
  const found = [
    ...text.matchAll(/\{"Ref":"([^"]+)"\}/g),
    ...text.matchAll(/\{"Fn::GetAtt":\["([^"]+)"/g),
    ...text.matchAll(/\$\{([^}.!]+)(?:\.[^}]*)?\}/g),
  ];
  return found.map(([, id = ""]) => id).filter((id) => !id.startsWith("AWS::"));
}
