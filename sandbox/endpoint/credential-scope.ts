/** Who signed a request and for what, read from SigV4. The signature itself is not checked: any key is let in. */
export interface CredentialScope {
  readonly accessKeyId: string;
  /** Absent with SigV4A, which signs for a set of regions. */
  readonly region?: string;
  /** The signing name, for example `monitoring` for CloudWatch. */
  readonly service: string;
}

/**
 * Reads the credential scope from the `Authorization` header or, for a presigned URL, from
 * `X-Amz-Credential`. Returns undefined where the request is not signed.
 */
export function credentialScope(
  headers: Readonly<Record<string, string>>,
  query: URLSearchParams,
): CredentialScope | undefined {
  const credential =
    /Credential=([^,\s]+)/.exec(headers.authorization ?? "")?.[1] ?? query.get("X-Amz-Credential") ?? "";
  // key/date/region/service/aws4_request, and without the region in SigV4A. A key may itself hold a slash.
  const parts = credential.split("/");
  if (parts.pop() !== "aws4_request") return undefined;
  const service = parts.pop();
  const last = parts.pop() ?? "";
  const isDate = /^\d{8}$/.test(last);
  if (!isDate) parts.pop();
  const accessKeyId = parts.join("/");
  if (!service || !accessKeyId) return undefined;
  return isDate ? { accessKeyId, service } : { accessKeyId, region: last, service };
}
