import { AwsError } from "../wire/error.ts";

/** The VPC of a region, as far as functions see it. */
export interface Vpc {
  /** By its id, where a subnet sends what is for the internet. */
  readonly subnets: Readonly<Record<string, "nat-gateway" | "nowhere">>;
  readonly securityGroups: readonly string[];
  /** By the last part of their names: `kinesis-streams` is `com.amazonaws.<region>.kinesis-streams`. */
  readonly endpoints: readonly string[];
}

/** Where a function's network interfaces are. */
export interface VpcConfig {
  readonly subnetIds: readonly string[];
  readonly securityGroupIds: readonly string[];
}

/** The ports of this machine that a function's network leads to, as each server in the sandbox has its own. */
export interface Reach {
  readonly kind: "only" | "all-but";
  readonly ports: readonly number[];
}

/** Who reaches a server with an address of the VPC. */
export interface PrivateAccess {
  /** What its own security group admits. */
  readonly securityGroups: readonly string[];
  /** Whether it has an address on the internet too. */
  readonly isPublic: boolean;
}

/** Names of endpoints as the SDKs name the service in `AWS_ENDPOINT_URL_…`. */
const SDK_NAMES: Readonly<Record<string, string>> = {
  autoscaling: "AUTO_SCALING",
  dynamodb: "DYNAMODB",
  ec2: "EC2",
  eks: "EKS",
  events: "EVENTBRIDGE",
  "kinesis-streams": "KINESIS",
  lambda: "LAMBDA",
  monitoring: "CLOUDWATCH",
  s3: "S3",
  secretsmanager: "SECRETS_MANAGER",
  sns: "SNS",
  sqs: "SQS",
  ssm: "SSM",
  sts: "STS",
};

/** The discard port: nothing in the sandbox listens there. */
const NOWHERE_PORT = 9;

/**
 * What functions reach. One outside the VPC reaches what is public. One in it reaches what admits its security groups, and
 * the rest by a NAT gateway, or a service of AWS by its endpoint; an environment can be in any of the function's subnets, so
 * all of them must have the way. What is not reached does not refuse: packets are lost.
 */
export class Network {
  /** Without one, no function can be in it. */
  vpc: Vpc = { subnets: {}, securityGroups: [], endpoints: [] };
  readonly #private = new Map<number, () => PrivateAccess>();

  /** A server whose address is one of the VPC. */
  addPrivate(port: number, access: () => PrivateAccess): void {
    this.#private.set(port, access);
  }

  /** @throws {AwsError} for a subnet or a security group that is not there, in Lambda's words */
  check({ subnetIds, securityGroupIds }: VpcConfig): void {
    const refuse = (operation: string, code: string, message: string) => {
      throw new AwsError(
        "InvalidParameterValueException",
        `Error occurred while ${operation}. EC2 Error Code: ${code}. EC2 Error Message: ${message}`,
      );
    };
    for (const id of subnetIds) {
      if (this.vpc.subnets[id] !== undefined) continue;
      refuse("DescribeSubnets", "InvalidSubnetID.NotFound", `The subnet ID '${id}' does not exist`);
    }
    for (const id of securityGroupIds) {
      if (this.vpc.securityGroups.includes(id)) continue;
      refuse("DescribeSecurityGroups", "InvalidGroup.NotFound", `The security group '${id}' does not exist`);
    }
  }

  /** @param endpointUrl where AWS is, which only a missing endpoint of a service keeps from a function */
  reach(vpc: VpcConfig | undefined, endpointUrl: string): Reach {
    const servers = [...this.#private].map(([port, access]) => ({ port, ...access() }));
    if (vpc === undefined) return { kind: "all-but", ports: portsOf(servers.filter((one) => !one.isPublic)) };
    const admits = ({ securityGroups }: PrivateAccess) =>
      securityGroups.some((id) => vpc.securityGroupIds.includes(id));
    if (this.#hasNat(vpc)) {
      return { kind: "all-but", ports: portsOf(servers.filter((one) => !admits(one) && !one.isPublic)) };
    }
    return { kind: "only", ports: [Number(new URL(endpointUrl).port), ...portsOf(servers.filter(admits))] };
  }

  /** Variables that lead the SDK's clients of services without an endpoint nowhere. */
  variables(vpc: VpcConfig | undefined): Readonly<Record<string, string>> {
    if (vpc === undefined || this.#hasNat(vpc)) return {};
    const missing = Object.entries(SDK_NAMES).filter(([name]) => !this.vpc.endpoints.includes(name));
    return Object.fromEntries(
      missing.map(([, sdkName]) => [`AWS_ENDPOINT_URL_${sdkName}`, `http://127.0.0.1:${NOWHERE_PORT}`]),
    );
  }

  #hasNat({ subnetIds }: VpcConfig): boolean {
    return subnetIds.every((id) => this.vpc.subnets[id] === "nat-gateway");
  }
}

const portsOf = (servers: readonly { readonly port: number }[]): number[] => servers.map(({ port }) => port);
