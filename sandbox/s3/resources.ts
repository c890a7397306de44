import { notSimulated } from "../not-simulated.ts";
import { type CreatedResource, DEFAULT_REGION, type Properties, type ResourceType } from "../service.ts";
import type { Buckets } from "./buckets.ts";
import { queueNotifications, type ToQueue } from "./notifications.ts";

const WITHOUT_EFFECT = {
  BucketEncryption: "objects are in memory and gone at the end",
  LifecycleConfiguration: "objects stay until they are deleted",
  OwnershipControls: "nobody is refused here",
  PublicAccessBlockConfiguration: "nobody is refused here",
};

/** S3's CloudFormation types. */
export function bucketResources(
  buckets: Buckets,
  toQueue: ToQueue = () => {},
  region = DEFAULT_REGION,
): Record<string, ResourceType> {
  return {
    "AWS::S3::Bucket": async (logicalId, properties, generatedName = logicalId) => {
      const name = nameOf(properties, generatedName);
      buckets.create(name, region);
      return bucket({ logicalId, name, generatedName, region }, properties, buckets, toQueue);
    },
    // Nobody is refused here, so a policy changes nothing.
    "AWS::S3::BucketPolicy": async (logicalId) => ({ ref: logicalId }),
  };
}

function nameOf({ BucketName }: Properties, generatedName: string): string {
  return typeof BucketName === "string" ? BucketName : generatedName.toLowerCase();
}

interface Named {
  readonly logicalId: string;
  readonly name: string;
  readonly generatedName: string;
  readonly region: string;
}

function bucket(named: Named, properties: Properties, buckets: Buckets, toQueue: ToQueue): CreatedResource {
  const { logicalId, name, generatedName, region } = named;
  buckets.notify(name, queueNotifications(properties, toQueue));
  return {
    ref: name,
    attributes: {
      Arn: `arn:aws:s3:::${name}`,
      DomainName: `${name}.s3.amazonaws.com`,
      RegionalDomainName: `${name}.s3.${region}.amazonaws.com`,
    },
    notSimulated: notSimulated(
      logicalId,
      properties,
      ["BucketName", "NotificationConfiguration", "Tags"],
      WITHOUT_EFFECT,
    ),
    update: async (changed) =>
      nameOf(changed, generatedName) === name ? bucket(named, changed, buckets, toQueue) : undefined,
    remove: async () => buckets.delete(name),
  };
}
