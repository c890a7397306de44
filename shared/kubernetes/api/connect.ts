import { DescribeClusterCommand, type EKSClient } from "@aws-sdk/client-eks";
import { asFailure } from "../../aws/failure.ts";
import { Misconfigured, RetryLater } from "../../lambda/errors.ts";
import type { Clock } from "../../time/clock.ts";
import { httpsApi, type KubernetesApi } from "./api.ts";
import type { ClusterAddress } from "./call.ts";
import { clusterToken } from "./token.ts";

/** How long a token is used. The cluster takes one for 15 minutes after it was signed. */
const TOKEN_LIFE_MS = 10 * 60_000;

/** How long an address is used: a cluster made anew under its old name has another endpoint and authority. */
const ADDRESS_LIFE_MS = 10 * 60_000;

/** Gives a cluster's API by the cluster's name. */
export type ClusterAccess = (cluster: string, signal?: AbortSignal) => Promise<KubernetesApi>;

/**
 * Access to the EKS clusters this function's role has an access entry for. Make it once per process: address
 * and token are asked for every ten minutes only. Throws Misconfigured for a cluster that does not exist, RetryLater
 * for one that is still being created.
 */
export function clusterAccess(eks: EKSClient, clock: Clock): ClusterAccess {
  const known = new Map<string, { readonly api: KubernetesApi; readonly at: number }>();
  return async (cluster, signal) => {
    const at = clock.now();
    const last = known.get(cluster);
    if (last && at - last.at < ADDRESS_LIFE_MS) return last.api;
    const api = httpsApi(await describeCluster(eks, cluster, signal), tokenSource(eks, clock, cluster));
    known.set(cluster, { api, at });
    return api;
  };
}

async function describeCluster(eks: EKSClient, name: string, signal?: AbortSignal): Promise<ClusterAddress> {
  const context = { resource: `cluster/${name}`, call: "eks:DescribeCluster" };
  try {
    const { cluster } = await eks.send(new DescribeClusterCommand({ name }), {
      ...(signal && { abortSignal: signal }),
    });
    const endpoint = cluster?.endpoint;
    const ca = cluster?.certificateAuthority?.data;
    if (endpoint && ca) {
      const isPrivate = cluster.resourcesVpcConfig?.endpointPublicAccess === false;
      return { name, endpoint, ca: Buffer.from(ca, "base64").toString("utf8"), isPrivate };
    }
    throw new RetryLater(
      `cluster "${name}" is ${cluster?.status ?? "in an unknown state"} and has no endpoint yet`,
      context,
    );
  } catch (error) {
    if (!(error instanceof Error && error.name === "ResourceNotFoundException")) {
      throw asFailure(error, context.call, context.resource);
    }
    throw new Misconfigured(
      `there is no EKS cluster "${name}" in this region: correct \`cluster\` in the config`,
      {
        ...context,
        cause: error,
      },
    );
  }
}

function tokenSource(eks: EKSClient, clock: Clock, cluster: string): () => Promise<string> {
  let token: { readonly value: string; readonly at: number } | undefined;
  return async () => {
    if (token && clock.now() - token.at < TOKEN_LIFE_MS) return token.value;
    const at = clock.now();
    const region = await eks.config.region();
    token = {
      value: await clusterToken({ cluster, region, credentials: eks.config.credentials, clock }),
      at,
    };
    return token.value;
  };
}
