import { describe, expect, it } from "vitest";
import { credentialScope } from "../../../sandbox/endpoint/credential-scope.ts";

const none = new URLSearchParams();

describe("credential scope", () => {
  it("is read from the Authorization header", () => {
    const authorization =
      "AWS4-HMAC-SHA256 Credential=AKIA/20261121/eu-west-1/monitoring/aws4_request, SignedHeaders=host, Signature=00";
    expect(credentialScope({ authorization }, none)).toEqual({
      accessKeyId: "AKIA",
      region: "eu-west-1",
      service: "monitoring",
    });
  });

  it("is read from a presigned URL", () => {
    const query = new URLSearchParams({ "X-Amz-Credential": "AKIA/20261121/us-east-1/sns/aws4_request" });
    expect(credentialScope({}, query)?.service).toBe("sns");
  });

  it("has no region with SigV4A", () => {
    const authorization =
      "AWS4-ECDSA-P256-SHA256 Credential=AKIA/20261121/events/aws4_request, SignedHeaders=host, Signature=00";
    expect(credentialScope({ authorization }, none)).toEqual({ accessKeyId: "AKIA", service: "events" });
  });

  it.each(["", "Bearer x", "AWS4-HMAC-SHA256 Credential=AKIA/20261121/us-east-1/sns"])(
    "is not in %j",
    (authorization) => {
      expect(credentialScope({ authorization }, none)).toBeUndefined();
    },
  );
});
