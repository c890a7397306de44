import * as z from "zod/mini";
import type { Buckets } from "../s3/buckets.ts";
import type { AwsRequest, AwsResponse, ResourceType, Service } from "../service.ts";
import { AwsError } from "../wire/error.ts";
import { parse } from "../wire/parse.ts";

export interface CloudFront extends Service {
  /** Answers a browser's request for a distribution's page; undefined when it is for something else. */
  serve(request: AwsRequest): AwsResponse | undefined;
}

const DistributionProperties = z.looseObject({
  DistributionConfig: z.looseObject({
    DefaultRootObject: z._default(z.string(), ""),
    Origins: z.array(z.looseObject({ DomainName: z.string() })),
  }),
});

interface Distribution {
  readonly bucket: string;
  readonly root: string;
}

const PATH = /^\/cloudfront\/([^/]+)\/(.*)$/;

/**
 * CloudFront distributions with one S3 bucket behind them, served from the sandbox's own address at
 * `/cloudfront/<distribution>/`: no cache, no certificate, no edge.
 */
export function createCloudFront({
  buckets,
  endpointUrl,
}: {
  readonly buckets: Buckets;
  readonly endpointUrl: () => string;
}): CloudFront {
  const distributions = new Map<string, Distribution>();

  const distribution: ResourceType = async (logicalId, properties) => {
    const { DistributionConfig } = parse(DistributionProperties, properties);
    const id = logicalId.toLowerCase();
    const bucket = DistributionConfig.Origins[0]?.DomainName.replace(/\.s3\..*$/, "") ?? "";
    distributions.set(id, { bucket, root: DistributionConfig.DefaultRootObject });
    const where = `${endpointUrl()}/cloudfront/${id}`;
    return {
      ref: id,
      attributes: { Id: id, DomainName: where.replace("http://", "") },
      notSimulated: [`${logicalId}: served without cache and TLS, at ${where}/.`],
      update: (changed) => distribution(logicalId, changed),
      remove: async () => void distributions.delete(id),
    };
  };

  return {
    signingNames: ["cloudfront"],
    resources: {
      "AWS::CloudFront::Distribution": distribution,
      "AWS::CloudFront::OriginAccessControl": async (logicalId) => ({
        ref: logicalId,
        attributes: { Id: logicalId },
      }),
    },
    handle: async () => {
      throw new AwsError("NotImplemented", "The sandbox's CloudFront has no calls.", { status: 501 });
    },
    serve({ method, path }) {
      const [, id = "", name = ""] = PATH.exec(path) ?? [];
      const found = distributions.get(id);
      if (!found || (method !== "GET" && method !== "HEAD")) return undefined;
      const object = buckets.get(found.bucket).get(name || found.root);
      return object
        ? { status: 200, headers: object.headers, body: object.body }
        : { status: 404, headers: { "content-type": "text/plain" }, body: "There is nothing here yet.\n" };
    },
  };
}
