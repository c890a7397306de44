import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { asFailure } from "../../../shared/aws/failure.ts";

/** Every error that the clients in use declare, by its name; EC2's client declares none. */
const CLIENTS = Object.keys(JSON.parse(readFileSync("package.json", "utf8")).dependencies).filter((name) =>
  name.startsWith("@aws-sdk/client-"),
);

/** Those that are thrown without being declared: from the docs of the services and of STS. */
const UNDECLARED = [
  ...["Throttling", "ThrottledException", "RequestThrottledException", "EC2ThrottledException", "SlowDown"],
  ...["RequestTimeout", "RequestTimeoutException", "PriorRequestNotComplete", "BandwidthLimitExceeded"],
  ...["ServiceUnavailable", "InternalError", "InternalFailure", "TimeoutError", "AbortError"],
  ...["OperationAborted", "RequestExpired", "RequestTimeTooSkewed", "IdempotentOperationInProgress"],
  ...["ExpiredToken", "ExpiredTokenException", "InvalidClientTokenId", "UnrecognizedClientException"],
  ...["OptInRequired", "SubscriptionRequiredException", "AuthFailure", "SignatureDoesNotMatch"],
  ...["UnauthorizedOperation", "AuthorizationError", "CredentialsProviderError", "KMS.DisabledException"],
  ...["KMSInternalException", "InsufficientInstanceCapacity", "UnfulfillableCapacity", "Unavailable"],
  ...["ResourceContention", "IDPCommunicationError", "DependencyTimeout", "ConflictingOperationException"],
  ...["QueueDeletedRecently", "RequestCanceled", "VcpuLimitExceeded", "InstanceLimitExceeded", "OverQuota"],
  ...["MaxSpotInstanceCountExceeded", "RegionDisabledException", "AccountNotActive", "AccountSuspended"],
  ...["NotAuthorized", "Client.UnauthorizedOperation", "TokenRefreshRequired", "InvalidGrantException"],
  ...["InvalidIdentityToken", "ProviderError", "TokenProviderError", "ServiceLinkedRoleFailure"],
  ...["ValidationError", "MalformedQueryString", "InvalidInstanceID.NotFound", "SomethingNewException"],
];

async function declaredNames(): Promise<string[]> {
  const modules: object[] = await Promise.all(CLIENTS.map((client) => import(client)));
  return modules.flatMap((module) =>
    Object.entries(module).flatMap(([name, value]) =>
      typeof value === "function" && value.prototype instanceof Error ? [name] : [],
    ),
  );
}

it("every error of every client is of the class that says what to do", async () => {
  const names = [...new Set([...(await declaredNames()), ...UNDECLARED])].toSorted();
  const byClass = Object.groupBy(names, (name) => {
    const error = Object.assign(new Error("so it is"), { name });
    return asFailure(error, "service:Call", "resource/x").name;
  });
  expect(names.length).toBeGreaterThan(300);
  expect(byClass.Blocked).toMatchSnapshot("Blocked: a person changes something outside Reflex");
  expect(byClass.RetryLater).toMatchSnapshot("RetryLater: it passes by itself");
});
