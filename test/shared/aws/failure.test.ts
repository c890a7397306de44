import { createServer } from "node:net";
import { DynamoDBClient, QueryCommand } from "@aws-sdk/client-dynamodb";
import {
  KinesisServiceException,
  LimitExceededException,
  ResourceNotFoundException,
  ValidationException,
} from "@aws-sdk/client-kinesis";
import { describe, expect, it } from "vitest";
import { asFailure } from "../../../shared/aws/failure.ts";
import { Blocked, Misconfigured, RetryLater } from "../../../shared/lambda/errors.ts";

const CALL = "kinesis:UpdateShardCount";
const STREAM = "stream/orders";

/** An error as the SDK makes it of an answer with this name and status. */
function answer(name: string, httpStatusCode: number) {
  const $fault = httpStatusCode < 500 ? "client" : "server";
  return new KinesisServiceException({ name, $fault, message: "so it is", $metadata: { httpStatusCode } });
}

describe("an answer of AWS", () => {
  it.each([
    ["ThrottlingException", 400, RetryLater],
    ["TooManyRequestsException", 429, RetryLater],
    ["LimitExceededException", 400, RetryLater],
    ["ProvisionedThroughputExceededException", 400, RetryLater],
    ["ResourceInUseException", 400, RetryLater],
    ["InternalFailure", 500, RetryLater],
    ["SomethingNewException", 503, RetryLater],
    ["SomethingNewException", 429, RetryLater],
    ["AccessDeniedException", 400, Blocked],
    ["UnrecognizedClientException", 403, Blocked],
    ["ExpiredTokenException", 403, Blocked],
    ["AuthorizationErrorException", 403, Blocked],
    ["ResourceNotFoundException", 400, Misconfigured],
    ["ValidationException", 400, Misconfigured],
    ["SomethingNewException", 404, Misconfigured],
  ])("%s (%i) is by what to do about it", (name, status, expected) => {
    expect(asFailure(answer(name, status), CALL, STREAM)).toBeInstanceOf(expected);
  });

  it("keeps its name, its words, the call and the resource", () => {
    const error = answer("ValidationException", 400);
    expect(asFailure(error, CALL, STREAM)).toMatchObject({
      message: expect.stringMatching(
        /^kinesis:UpdateShardCount for stream\/orders failed with ValidationException: so it is\./,
      ),
      call: CALL,
      resource: STREAM,
      cause: error,
    });
  });

  it.each([
    [answer("AccessDenied", 403), /Nothing was changed; the role needs this permission/],
    [new LimitExceededException({ message: "slow", $metadata: {} }), /The next run tries again/],
    [
      new ResourceNotFoundException({ message: "gone", $metadata: { httpStatusCode: 400 } }),
      /until that is corrected/,
    ],
    [
      new ValidationException({ message: "no", $metadata: { httpStatusCode: 400 } }),
      /until that is corrected/,
    ],
  ])("%s says the consequence", (error, consequence) => {
    expect(asFailure(error, CALL, STREAM).message).toMatch(consequence);
  });
});

describe("no answer", () => {
  it("is tried again: nothing listens there", async () => {
    const client = new DynamoDBClient({
      endpoint: `http://127.0.0.1:${await closedPort()}`,
      maxAttempts: 1,
      credentials: { accessKeyId: "test", secretAccessKey: "test" },
    });
    const error = await client.send(new QueryCommand({ TableName: "t" })).catch((caught: unknown) => caught);
    expect(asFailure(error, "dynamodb:Query", STREAM)).toBeInstanceOf(RetryLater);
  });

  it.each(["AbortError", "TimeoutError"])("is tried again: %s", (name) => {
    expect(asFailure(Object.assign(new Error("aborted"), { name }), CALL, STREAM)).toBeInstanceOf(RetryLater);
  });

  it.each([
    Object.assign(new Error("socket hang up"), { code: "ECONNRESET" }),
    Object.assign(new Error("getaddrinfo"), { code: "EAI_AGAIN" }),
  ])("is tried again: %s", (error) => {
    expect(asFailure(error, CALL, STREAM)).toBeInstanceOf(RetryLater);
  });
});

describe("an error that is no answer of AWS", () => {
  it("passes through when it is ours", () => {
    const ours = new Blocked("the quota is spent");
    expect(asFailure(ours, CALL, STREAM)).toBe(ours);
  });

  it.each([
    new TypeError("x is undefined"),
    new SyntaxError("Unexpected token"),
    Object.assign(new Error("Cannot find package"), { code: "ERR_MODULE_NOT_FOUND" }),
    "a thrown text",
    undefined,
  ])("is not taken for something that passes: %s", (error) => {
    expect(asFailure(error, CALL, STREAM)).toBeInstanceOf(Misconfigured);
  });
});

/** A port where nothing listens: one the system gave a moment ago and has back. */
async function closedPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise<void>((resolve) => server.close(() => resolve()));
  return typeof address === "object" && address ? address.port : 0;
}

it.each([
  [
    Object.assign(new Error("the request socket did not establish a connection with the server"), {
      name: "TimeoutError",
    }),
    "an endpoint of eks (",
  ],
  [Object.assign(new Error("connect ETIMEDOUT"), { code: "ETIMEDOUT" }), "an endpoint of eks ("],
  [Object.assign(new Error("connect EHOSTUNREACH"), { code: "EHOSTUNREACH" }), "an endpoint of eks ("],
])("what is never connected may lack a way out of its VPC: %s", (error, hint) => {
  expect(asFailure(error, "eks:DescribeCluster", "cluster/main").message).toContain(hint);
  expect(asFailure(error, "observe", "cluster/main").message).toContain("an endpoint of the service (");
});

it.each([
  Object.assign(new Error("socket hang up"), { code: "ECONNRESET" }),
  Object.assign(new Error("no answer in time"), { name: "TimeoutError" }),
])("what was connected had a way: %s", (error) => {
  expect(asFailure(error, "eks:DescribeCluster", "cluster/main").message).not.toContain("VPC");
});

const coded = (code: string) => Object.assign(new Error("the line broke"), { code });

it.each([
  ...["ERR_SSL_WRONG_VERSION_NUMBER", "ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE", "EPROTO", "EAI_NODATA"],
  ...[
    "ERR_STREAM_PREMATURE_CLOSE",
    "ERR_HTTP2_GOAWAY_SESSION",
    "ERR_HTTP2_STREAM_CANCEL",
    "ERR_SOCKET_CLOSED",
  ],
  ...["UND_ERR_SOCKET", "UND_ERR_CONNECT_TIMEOUT", "HPE_INVALID_CONSTANT", "Z_DATA_ERROR", "EPIPE"],
])("a broken line is tried again: %s", (code) => {
  expect(asFailure(coded(code), CALL, STREAM)).toBeInstanceOf(RetryLater);
});

it.each([
  ...["CERT_HAS_EXPIRED", "UNABLE_TO_VERIFY_LEAF_SIGNATURE", "SELF_SIGNED_CERT_IN_CHAIN"],
  ...["DEPTH_ZERO_SELF_SIGNED_CERT", "ERR_TLS_CERT_ALTNAME_INVALID"],
])("who is not trusted is not AWS: %s", (code) => {
  const failure = asFailure(coded(code), CALL, STREAM);
  expect(failure).toBeInstanceOf(Blocked);
  expect(failure.message).toContain("NODE_EXTRA_CA_CERTS");
});

it.each(["ENOENT", "ENOTDIR", "EISDIR", "ERR_INVALID_URL", "ERR_MODULE_NOT_FOUND"])(
  "what is no line does not pass by itself: %s",
  (code) => {
    expect(asFailure(coded(code), CALL, STREAM)).toBeInstanceOf(Misconfigured);
  },
);
