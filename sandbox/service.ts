/**
 * One emulated AWS service: the wire protocol it answers and the CloudFormation resource types it can
 * create. The endpoint (sandbox/endpoint/endpoint.ts) finds the service by the SigV4 credential scope.
 */

/** A request as the endpoint received it, before any protocol is applied. */
export interface AwsRequest {
  readonly method: string;
  /** The path without the query, percent-encoded as sent. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** Header names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  /** The region of the credential scope, or the default region. */
  readonly region: string;
}

export interface AwsResponse {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
}

/** Resolved CloudFormation properties: intrinsic functions are already replaced by values. */
export type Properties = Readonly<Record<string, unknown>>;

/** What a created resource answers to `Ref` and `Fn::GetAtt`. */
export interface CreatedResource {
  readonly ref: string;
  readonly attributes?: Readonly<Record<string, string>>;
  /** What was asked for and is not simulated, one sentence each, said once at start. */
  readonly notSimulated?: readonly string[];
  /**
   * Gives it other properties; undefined where these need another in its place. Where absent, creating it again
   * by its name overwrites it.
   */
  readonly update?: (properties: Properties) => Promise<CreatedResource | undefined>;
  /** Where absent, there is nothing to take away. */
  readonly remove?: () => Promise<void>;
}

/**
 * Creates resources of one CloudFormation type.
 *
 * @param generatedName the name of one whose template gives it none, which no other stack has; the logical id
 * where it is in no stack
 */
export type ResourceType = (
  logicalId: string,
  properties: Properties,
  generatedName?: string,
) => Promise<CreatedResource>;

export interface Service {
  /** Names in the SigV4 credential scope this service answers to, for example `monitoring`. */
  readonly signingNames: readonly string[];
  /** By CloudFormation type, for example `AWS::SNS::Topic`. */
  readonly resources?: Readonly<Record<string, ResourceType>>;
  handle(request: AwsRequest): Promise<AwsResponse>;
  /** AWS's name of the operation, where only the path shows it (REST protocols); for faults and counts. */
  operationOf?(request: AwsRequest): string | undefined;
  /** Ends timers, children and sockets of this service. */
  stop?(): Promise<void>;
}

export const ACCOUNT_ID = "000000000000";
export const DEFAULT_REGION = "us-east-1";
