import { SignatureV4 } from "@smithy/signature-v4";
import { Sha256 } from "../../aws/sha256.ts";
import type { Clock } from "../../time/clock.ts";

/** What SignatureV4 and the SDK clients call an identity. */
export interface Identity {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

export interface TokenRequest {
  /** The cluster's name; the signature covers it, so a token is good for this cluster only. */
  readonly cluster: string;
  readonly region: string;
  readonly credentials: () => Promise<Identity>;
  readonly clock: Clock;
}

/** The header that binds the token to one cluster. */
const CLUSTER_HEADER = "x-k8s-aws-id";

/** What aws-iam-authenticator and the aws CLI ask for. The server itself takes a token for 15 minutes. */
const EXPIRES_SECONDS = 60;

/**
 * A bearer token for an EKS cluster: a presigned STS GetCallerIdentity request, which the cluster sends to
 * STS to learn who asks. Made here without any call.
 * https://github.com/kubernetes-sigs/aws-iam-authenticator#api-authorization-from-outside-a-cluster
 */
export async function clusterToken(request: TokenRequest): Promise<string> {
  const hostname = stsHost(request.region);
  const signer = new SignatureV4({
    service: "sts",
    region: request.region,
    credentials: request.credentials,
    sha256: Sha256,
  });
  const signed = await signer.presign(
    {
      method: "GET",
      protocol: "https:",
      hostname,
      path: "/",
      query: { Action: "GetCallerIdentity", Version: "2011-06-15" },
      headers: { host: hostname, [CLUSTER_HEADER]: request.cluster },
    },
    { expiresIn: EXPIRES_SECONDS, signingDate: new Date(request.clock.now()) },
  );
  const query = new URLSearchParams(
    Object.entries(signed.query ?? {}).map(([key, value]): [string, string] => [key, String(value)]),
  );
  const url = `https://${hostname}/?${query.toString()}`;
  return `k8s-aws-v1.${Buffer.from(url).toString("base64url")}`;
}

/** The regional STS endpoint: the same in every partition but China's. */
const stsHost = (region: string): string =>
  `sts.${region}.amazonaws.com${region.startsWith("cn-") ? ".cn" : ""}`;
