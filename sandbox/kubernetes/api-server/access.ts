import * as z from "zod/mini";
import { badRequest } from "./api-error.ts";

/** One rule of a ClusterRole. */
export interface AccessRule {
  readonly apiGroups: readonly string[];
  /** For example `pods/eviction`. */
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
}

export interface Caller {
  /** For messages and the record of endings. */
  readonly name: string;
  /** `all`, or only what these rules allow. */
  readonly rules: "all" | readonly AccessRule[];
}

/** Who a bearer token belongs to; undefined is answered with 401. */
export type Authenticate = (token: string) => Caller | undefined;

/** Whether a caller may do it. */
export function mayCall({ rules }: Caller, apiGroup: string, resource: string, verb: string): boolean {
  if (rules === "all") return true;
  const has = (list: readonly string[], wanted: string) => list.includes(wanted) || list.includes("*");
  return rules.some(
    (rule) => has(rule.apiGroups, apiGroup) && has(rule.resources, resource) && has(rule.verbs, verb),
  );
}

/** Where `kubectl auth can-i` asks. */
export const ACCESS_REVIEWS = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews";

const accessReview = z.looseObject({
  spec: z.object({
    resourceAttributes: z.optional(
      z.object({
        verb: z.optional(z.string()),
        group: z.optional(z.string()),
        resource: z.optional(z.string()),
        subresource: z.optional(z.string()),
      }),
    ),
  }),
});

/** A SelfSubjectAccessReview with its answer: whether the caller may do what it asks about. @throws {ApiError} 400 */
export function reviewAccess(caller: Caller, body: unknown): object {
  const { data } = accessReview.safeParse(body);
  if (!data) throw badRequest("expected a SelfSubjectAccessReview with a spec");
  const { verb = "", group = "", resource = "", subresource = "" } = data.spec.resourceAttributes ?? {};
  const name = subresource === "" ? resource : `${resource}/${subresource}`;
  // A question about a path, and not about a resource, is answered yes only to a caller who may do everything.
  const allowed = mayCall(caller, group, name, verb);
  const reason = allowed ? "" : `no rule of ${caller.name} allows it`;
  return {
    ...data,
    kind: "SelfSubjectAccessReview",
    apiVersion: "authorization.k8s.io/v1",
    status: { allowed, ...(reason !== "" && { reason }) },
  };
}

/** The rules of a ClusterRole manifest. */
export const clusterRole = z.object({
  kind: z.literal("ClusterRole"),
  rules: z.array(
    z.object({ apiGroups: z.array(z.string()), resources: z.array(z.string()), verbs: z.array(z.string()) }),
  ),
});

/** What an EKS token says: which cluster it is for cannot be read, only that its name was signed. */
export interface TokenClaims {
  readonly accessKeyId: string;
}

/** Reads a presigned GetCallerIdentity token; undefined for anything else. */
export function readEksToken(token: string): TokenClaims | undefined {
  const [, encoded] = /^k8s-aws-v1\.([A-Za-z0-9_-]+)$/.exec(token) ?? [];
  if (encoded === undefined) return undefined;
  const text = Buffer.from(encoded, "base64url").toString("utf8");
  if (!URL.canParse(text)) return undefined;
  const { protocol, pathname, searchParams } = new URL(text);
  const signed = searchParams.get("X-Amz-SignedHeaders")?.split(";") ?? [];
  const accessKeyId = searchParams.get("X-Amz-Credential")?.split("/")[0];
  const isOne =
    // With AWS_ENDPOINT_URL set, the aws CLI signs for that address instead of for STS.
    ["https:", "http:"].includes(protocol) &&
    pathname === "/" &&
    searchParams.get("Action") === "GetCallerIdentity" &&
    Number(searchParams.get("X-Amz-Expires")) <= 900 &&
    signed.includes("x-k8s-aws-id") &&
    searchParams.has("X-Amz-Signature");
  return isOne && accessKeyId ? { accessKeyId } : undefined;
}

/** When a token was signed, ms since the epoch; the server takes it for a quarter of an hour. */
export function isFresh(token: string, now: number): boolean {
  const text = Buffer.from(token.replace(/^k8s-aws-v1\./, ""), "base64url").toString("utf8");
  const date = /X-Amz-Date=(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z/.exec(text);
  if (!date) return false;
  const [, year, month, day, hour, minute, second] = date.map(Number);
  const signedAt = Date.UTC(year ?? 0, (month ?? 1) - 1, day, hour, minute, second);
  return Math.abs(now - signedAt) <= 15 * 60_000;
}
