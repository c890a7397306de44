import type {
  EC2,
  InstanceTypeInfo,
  ResponseLaunchTemplateData,
  _InstanceType as TypeName,
} from "@aws-sdk/client-ec2";
import { asFailure } from "../../../../shared/aws/failure.ts";
import { inCalls } from "../../../../shared/aws/in-calls.ts";
import type { InstanceType, Launches, LaunchTemplate } from "../../model/cluster.ts";

/** The instance types of what a group launches, for pools of which no node is known. */
export interface LaunchTypes {
  of(launches: Launches, signal: AbortSignal): Promise<readonly InstanceType[]>;
  /** Whether all that is launched next is Spot. */
  isSpot(launches: Launches, signal: AbortSignal): Promise<boolean>;
}

/** DescribeInstanceTypes takes 100 types a call. */
const TYPES_A_CALL = 100;

/** What was once read of a type does not change, and is kept for as long as the process lives. */
export function createLaunchTypes(client: EC2): LaunchTypes {
  const known = new Map<string, InstanceType>();
  return {
    async of({ instanceTypes, template }, signal) {
      const ofTemplate =
        instanceTypes.length === 0 && template
          ? (await readTemplate(client, template, signal))?.InstanceType
          : undefined;
      const names = ofTemplate === undefined ? instanceTypes : [ofTemplate];
      const missing = names.filter((name) => !known.has(name));
      for (const some of inCalls(missing, TYPES_A_CALL)) {
        for (const type of await describeTypes(client, some, signal)) known.set(type.name, type);
      }
      return names.flatMap((name) => known.get(name) ?? []);
    },
    async isSpot({ market, template }, signal) {
      if (market !== undefined || !template) return market === "spot";
      return (await readTemplate(client, template, signal))?.InstanceMarketOptions?.MarketType === "spot";
    },
  };
}

/** It has no type where it has requirements of one. */
async function readTemplate(
  client: EC2,
  { id, version }: LaunchTemplate,
  abortSignal: AbortSignal,
): Promise<ResponseLaunchTemplateData | undefined> {
  const input = { LaunchTemplateId: id, Versions: [version] };
  try {
    const { LaunchTemplateVersions = [] } = await client.describeLaunchTemplateVersions(input, {
      abortSignal,
    });
    return LaunchTemplateVersions[0]?.LaunchTemplateData;
  } catch (error) {
    throw asFailure(error, "ec2:DescribeLaunchTemplateVersions", id);
  }
}

async function describeTypes(
  client: EC2,
  names: readonly string[],
  abortSignal: AbortSignal,
): Promise<InstanceType[]> {
  // The SDK's list of types is older than AWS's.
  const InstanceTypes = names as TypeName[];
  try {
    const answer = await client.describeInstanceTypes({ InstanceTypes }, { abortSignal });
    return (answer.InstanceTypes ?? []).flatMap((info) => parseType(info) ?? []);
  } catch (error) {
    throw asFailure(error, "ec2:DescribeInstanceTypes", names.join(", "));
  }
}

function parseType(info: InstanceTypeInfo): InstanceType | undefined {
  const { InstanceType: name, VCpuInfo, MemoryInfo, NetworkInfo, ProcessorInfo, GpuInfo } = info;
  const { MaximumNetworkInterfaces: interfaces, Ipv4AddressesPerInterface: addresses } = NetworkInfo ?? {};
  if (!name || !VCpuInfo?.DefaultVCpus || !MemoryInfo?.SizeInMiB || !interfaces || !addresses)
    return undefined;
  const gpus = (GpuInfo?.Gpus ?? [])
    .filter(({ Manufacturer }) => Manufacturer === "NVIDIA")
    .reduce((sum, { Count = 0 }) => sum + Count, 0);
  return {
    name,
    vcpus: VCpuInfo.DefaultVCpus,
    memoryMib: MemoryInfo.SizeInMiB,
    // Each interface keeps an address for itself; the two pods more use the node's own.
    // https://github.com/awslabs/amazon-eks-ami/blob/main/templates/shared/runtime/eni-max-pods.txt
    maxPods: interfaces * (addresses - 1) + 2,
    arch: ProcessorInfo?.SupportedArchitectures?.includes("arm64") ? "arm64" : "amd64",
    extended: gpus > 0 ? { "nvidia.com/gpu": gpus } : {},
  };
}
