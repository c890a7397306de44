/** Part of a CloudFormation template, for what follows from the config. */

export type Resource = Readonly<Record<string, unknown>>;

export interface Template {
  /** By logical id. */
  readonly Resources: Readonly<Record<string, Resource>>;
  readonly Outputs?: Readonly<Record<string, Resource>>;
}

/**
 * The ARN of something of this account.
 *
 * @param region the stack's own where absent
 */
export function arn(service: string, resource: string, region = "${AWS::Region}"): Resource {
  return { "Fn::Sub": `arn:\${AWS::Partition}:${service}:${region}:\${AWS::AccountId}:${resource}` };
}

/** The ARN of another resource of the stack. */
export function arnOf(logicalId: string): Resource {
  return { "Fn::GetAtt": [logicalId, "Arn"] };
}

export function ref(name: string): Resource {
  return { Ref: name };
}
