import * as z from "zod/mini";
import type { Group } from "../autoscaling/group.ts";
import type { SandboxClock } from "../clock/clock.ts";
import { ACCOUNT_ID, type AwsRequest, type AwsResponse, DEFAULT_REGION, type Service } from "../service.ts";
import { AwsError } from "../wire/error.ts";
import { decodeJson, encodeJson } from "../wire/json.ts";
import { parse } from "../wire/parse.ts";
import type { Clusters, EksCluster } from "./clusters.ts";
import type { NodeGroup, NodeGroups, Update } from "./node-groups.ts";

const updateInput = z.object({
  scalingConfig: z.optional(
    z.object({
      minSize: z.optional(z.int()),
      maxSize: z.optional(z.int()),
      desiredSize: z.optional(z.int()),
    }),
  ),
  clientRequestToken: z.optional(z.string()),
});

interface Route {
  readonly operation: string;
  readonly method: string;
  readonly path: RegExp;
  readonly answer: (names: readonly string[], request: AwsRequest) => object;
}

export interface Eks extends Service {
  readonly clusters: Clusters;
  readonly nodeGroups: NodeGroups;
}

/** EKS as far as node pools use it, by REST-JSON: clusters and managed node groups. */
export function createEks(
  clock: SandboxClock,
  clusters: Clusters,
  nodeGroups: NodeGroups,
  region = DEFAULT_REGION,
): Eks {
  const arn: ToArn = (path) => `arn:aws:eks:${region}:${ACCOUNT_ID}:${path}`;
  const routes = [...clusterRoutes(clusters, arn), ...nodeGroupRoutes({ clusters, nodeGroups, clock, arn })];
  const routeOf = ({ method, path }: AwsRequest) =>
    routes.find((route) => route.method === method && route.path.test(path));

  return {
    signingNames: ["eks"],
    operationOf: (request) => routeOf(request)?.operation,
    handle: async (request) => {
      try {
        const route = routeOf(request);
        if (!route) throw unknownOperation(request, routes);
        const names = (route.path.exec(request.path) ?? []).slice(1).map(decodeURIComponent);
        return json(200, route.answer(names, request));
      } catch (error) {
        if (!(error instanceof AwsError)) throw error;
        return json(error.status, { message: error.message }, { "x-amzn-errortype": error.code });
      }
    },
    stop: () => clusters.stop(),
    clusters,
    nodeGroups,
  };
}

const clusterRoutes = (clusters: Clusters, arn: ToArn): readonly Route[] => [
  {
    operation: "ListClusters",
    method: "GET",
    path: /^\/clusters$/,
    answer: () => ({ clusters: clusters.all().map(({ name }) => name) }),
  },
  {
    operation: "DescribeCluster",
    method: "GET",
    path: /^\/clusters\/([^/]+)$/,
    answer: ([name = ""]) => ({ cluster: describeCluster(clusters.get(name), arn) }),
  },
];

interface NodeGroupDependencies {
  readonly clusters: Clusters;
  readonly nodeGroups: NodeGroups;
  readonly clock: SandboxClock;
  readonly arn: ToArn;
}

const nodeGroupRoutes = ({ clusters, nodeGroups, clock, arn }: NodeGroupDependencies): readonly Route[] => [
  {
    operation: "ListNodegroups",
    method: "GET",
    path: /^\/clusters\/([^/]+)\/node-groups$/,
    answer: ([cluster = ""]) => ({
      nodegroups: nodeGroups.of(clusters.get(cluster).name).map(({ name }) => name),
    }),
  },
  {
    operation: "DescribeNodegroup",
    method: "GET",
    path: /^\/clusters\/([^/]+)\/node-groups\/([^/]+)$/,
    answer: ([cluster = "", name = ""]) => ({
      nodegroup: describeNodeGroup(nodeGroups.get(cluster, name), { nodeGroups, arn, now: clock.now() }),
    }),
  },
  {
    operation: "UpdateNodegroupConfig",
    method: "POST",
    path: /^\/clusters\/([^/]+)\/node-groups\/([^/]+)\/update-config$/,
    answer: ([cluster = "", name = ""], { body }) => {
      const { scalingConfig = {}, clientRequestToken } = parse(
        updateInput,
        decodeJson(body),
        "InvalidParameterException",
      );
      const update = nodeGroups.update(nodeGroups.get(cluster, name), scalingConfig, clientRequestToken);
      return { update: describeUpdate(update) };
    },
  },
  {
    operation: "DescribeUpdate",
    method: "GET",
    path: /^\/clusters\/([^/]+)\/updates\/([^/]+)$/,
    answer: ([cluster = "", id = ""]) => {
      const found = nodeGroups.of(cluster).flatMap(({ updates }) => updates.get(id) ?? [])[0];
      if (!found)
        throw new AwsError("ResourceNotFoundException", `No update found for ID: ${id}`, { status: 404 });
      return { update: describeUpdate(found) };
    },
  },
];

const json = (status: number, body: object, headers: Readonly<Record<string, string>> = {}): AwsResponse => ({
  status,
  headers: { "content-type": "application/json", ...headers },
  body: encodeJson(body),
});

function unknownOperation({ method, path }: AwsRequest, routes: readonly Route[]): AwsError {
  const known = routes.map(({ operation }) => operation).join(", ");
  return new AwsError(
    "UnknownOperationException",
    `The sandbox's EKS has nothing at ${method} ${path}. It has: ${known}.`,
    {
      status: 404,
    },
  );
}

type ToArn = (path: string) => string;

const describeCluster = (
  { name, server, certificate, createdAt, publicEndpoint }: EksCluster,
  arn: ToArn,
): object => ({
  name,
  arn: arn(`cluster/${name}`),
  createdAt: new Date(createdAt),
  version: "1.32",
  status: "ACTIVE",
  endpoint: server.url,
  certificateAuthority: { data: Buffer.from(certificate.ca).toString("base64") },
  accessConfig: { authenticationMode: "API" },
  resourcesVpcConfig: { endpointPublicAccess: publicEndpoint, endpointPrivateAccess: true },
});

function describeNodeGroup(
  nodeGroup: NodeGroup,
  { nodeGroups, arn, now }: { readonly nodeGroups: NodeGroups; readonly arn: ToArn; readonly now: number },
): object {
  const { cluster, name, group, launch, createdAt } = nodeGroup;
  const failed = failedLaunch(group, now);
  return {
    nodegroupName: name,
    nodegroupArn: arn(`nodegroup/${cluster}/${name}/sandbox`),
    clusterName: cluster,
    createdAt: new Date(createdAt),
    status: nodeGroups.isUpdating(nodeGroup) ? "UPDATING" : failed === undefined ? "ACTIVE" : "DEGRADED",
    capacityType: launch.spot ? "SPOT" : "ON_DEMAND",
    scalingConfig: { minSize: group.min, maxSize: group.max, desiredSize: group.desired },
    instanceTypes: [launch.instanceType],
    labels: launch.labels ?? {},
    taints: (launch.taints ?? []).map(({ key, value, effect }) => ({
      key,
      value,
      effect: EFFECTS[effect] ?? effect,
    })),
    resources: { autoScalingGroups: [{ name: group.name }] },
    health: {
      issues:
        failed === undefined
          ? []
          : [{ code: "AsgInstanceLaunchFailures", message: failed, resourceIds: [group.name] }],
    },
  };
}

/** EKS writes Kubernetes' effects in its own way. */
const EFFECTS: Readonly<Record<string, string>> = {
  NoSchedule: "NO_SCHEDULE",
  NoExecute: "NO_EXECUTE",
  PreferNoSchedule: "PREFER_NO_SCHEDULE",
};

/** The message of a launch that failed, while the group is smaller than it should be. */
function failedLaunch({ activities, members, desired }: Group, now: number): string | undefined {
  const [last] = activities;
  const isShort = members.size < desired;
  return isShort && last?.status === "Failed" && last.startedAt <= now ? last.statusMessage : undefined;
}

const describeUpdate = ({ id, status, createdAt }: Update): object => ({
  id,
  status,
  type: "ConfigUpdate",
  createdAt: new Date(createdAt),
  params: [],
  errors: [],
});
