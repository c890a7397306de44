import * as z from "zod/mini";

const matching = (pattern: RegExp, expected: string) => z.string(expected).check(z.regex(pattern, expected));

/** No alias: in a policy, the ARN of an alias allows nothing on its key; log groups take none. */
const keyArn = matching(
  /^arn:aws[a-z-]*:kms:[a-z0-9-]+:\d{12}:key\/.+$/,
  "the ARN of a KMS key, arn:aws:kms:…:key/…: a role gets no permission by an alias",
);

const policy = matching(
  /^(?:arn:aws[a-z-]*:iam::(?:\d{12}|aws):policy\/[\w+=,.@/-]+|[\w+=,.@-]+)$/,
  "the name or the ARN of a policy",
);

/** https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html */
const tagKey = matching(
  /^(?!aws:)[\p{L}\p{N} _.:/=+\-@]{1,128}$/iu,
  'a tag of at most 128 letters, digits, spaces and _.:/=+-@ that does not begin with "aws:"',
);
const tagValue = matching(
  /^[\p{L}\p{N} _.:/=+\-@]{0,256}$/u,
  "at most 256 letters, digits, spaces and _.:/=+-@",
);

/** One key a region. */
const keys = z._default(z.array(keyArn), []);

const vpc = z.strictObject({
  subnets: z.array(matching(/^subnet-[0-9a-f]+$/, "ids of subnets")).check(z.minLength(1)),
  securityGroups: z.array(matching(/^sg-[0-9a-f]+$/, "ids of security groups")).check(z.minLength(1)),
});

const functionSettings = z.strictObject({
  /** MB. */
  memorySize: z.optional(z.int().check(z.gte(128), z.lte(10_240))),
  reservedConcurrency: z.optional(z.int().check(z.gte(0), z.lte(1000))),
  /** `none`: this function stays outside the VPC. */
  vpc: z.optional(z.literal("none")),
});

/** What an account demands of everything that is deployed to it. */
export const accountSchema = z.strictObject({
  /** The accounts this config is for; any where none is named. */
  ids: z._default(z.array(matching(/^\d{12}$/, "ids of accounts, 12 digits in quotes")), []),
  /** By region, since subnets are in one. */
  vpc: z._default(z.record(z.string(), vpc), {}),
  /** A policy by its ARN, or by its name in the same account. */
  permissionsBoundary: z.optional(policy),
  rolePath: z.optional(matching(/^\/(?:[\w+=,.@-]+\/)*$/, 'a path that begins and ends with "/"')),
  tags: z._default(
    z.record(tagKey, tagValue).check(z.refine((tags) => Object.keys(tags).length <= 50, "at most 50 tags")),
    {},
  ),
  logRetentionDays: z._default(
    // https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html
    z.literal([
      1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
    ]),
    30,
  ),
  /** Customer keys, by what they encrypt. */
  kmsKeys: z._default(
    z.strictObject({
      streams: keys,
      parameters: keys,
      secrets: keys,
      logs: keys,
      tables: keys,
      topics: keys,
      queues: keys,
    }),
    { streams: [], parameters: [], secrets: [], logs: [], tables: [], topics: [], queues: [] },
  ),
  /** By the function's name, for example `check-sites`. */
  functions: z._default(z.record(z.string(), functionSettings), {}),
});

export type AccountConfig = z.output<typeof accountSchema>;
