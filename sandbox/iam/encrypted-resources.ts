import type { CreatedResource, Properties, ResourceType } from "../service.ts";

/**
 * What is encrypted with a customer's key: the caller needs to be allowed the key too. Keys of AWS's own
 * (`alias/aws/kinesis`) need no permission.
 */
export class EncryptedResources {
  readonly #keys = new Map<string, string>();

  /** The ARN of the key a resource is encrypted with, by the resource's ARN. */
  keyOf(arn: string): string | undefined {
    return this.#keys.get(arn);
  }

  /** Notes what was encrypted by a call, or is not any more. */
  set(arn: string, key: string | undefined): void {
    if (key === undefined || key.includes("alias/aws/")) this.#keys.delete(arn);
    else this.#keys.set(arn, key);
  }

  /** Creators that also note the key of what they create. */
  noting(types: Readonly<Record<string, ResourceType>>): Record<string, ResourceType> {
    return Object.fromEntries(Object.entries(types).map(([type, create]) => [type, this.#noted(create)]));
  }

  #noted(create: ResourceType): ResourceType {
    return async (logicalId, properties, generatedName) => {
      return this.#note(await create(logicalId, properties, generatedName), properties);
    };
  }

  #note(created: CreatedResource, properties: Properties): CreatedResource {
    const arn = created.attributes?.Arn ?? created.attributes?.TopicArn ?? created.ref;
    const key = keyIn(properties);
    if (key === undefined) this.#keys.delete(arn);
    else this.#keys.set(arn, key);
    const { update } = created;
    if (!update) return created;
    return {
      ...created,
      update: async (changed) => {
        const after = await update(changed);
        return after && this.#note(after, changed);
      },
    };
  }
}

/** The customer's key in the properties of a stream, table, topic, queue or secret. */
function keyIn(properties: Properties): string | undefined {
  const { KmsMasterKeyId, KmsKeyId, StreamEncryption, SSESpecification } = properties;
  const candidates = [
    KmsMasterKeyId,
    KmsKeyId,
    fieldOf(StreamEncryption, "KeyId"),
    fieldOf(SSESpecification, "KMSMasterKeyId"),
  ];
  const key = candidates.find((candidate) => typeof candidate === "string");
  return typeof key !== "string" || key.includes("alias/aws/") ? undefined : key;
}

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
}

const READ = ["kms:Decrypt"];
const WRITE = ["kms:GenerateDataKey"];
const BOTH = ["kms:GenerateDataKey", "kms:Decrypt"];

/**
 * What a caller needs of the key, by signing name and operation; for others there is nothing to decrypt.
 * https://docs.aws.amazon.com/streams/latest/dev/permissions-user-key-KMS.html and the same page of each service
 */
const NEEDED: Readonly<Record<string, readonly string[]>> = {
  "kinesis GetRecords": READ,
  "kinesis PutRecord": WRITE,
  "kinesis PutRecords": WRITE,
  "sqs ReceiveMessage": READ,
  "sqs SendMessage": BOTH,
  "sqs SendMessageBatch": BOTH,
  "sns Publish": BOTH,
  "sns PublishBatch": BOTH,
  "secretsmanager GetSecretValue": READ,
  "ssm GetParameter": READ,
  "ssm GetParameters": READ,
};

/** A table's key is asked for whatever is done with its items. */
export function neededOfKey(service: string, operation: string): readonly string[] {
  return service === "dynamodb" ? READ : (NEEDED[`${service} ${operation}`] ?? []);
}
