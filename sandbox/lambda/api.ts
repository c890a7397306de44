import type { AwsRequest, AwsResponse } from "../service.ts";
import { AwsError } from "../wire/error.ts";
import type { Invocation, LambdaFunction } from "./function.ts";
import type { Functions } from "./functions.ts";

/** What the API does beside describing functions. */
export interface InvokeActions {
  /** RequestResponse. @throws {AwsError} where it is throttled */
  invoke(nameOrArn: string, payload: string, traceHeader?: string): Promise<Invocation>;
  /** Event: it is answered at once, and runs later. */
  queue(nameOrArn: string, payload: string, traceHeader?: string): void;
  /** What is about event-source mappings; undefined for another request. */
  answerMappings(request: AwsRequest): Promise<AwsResponse | undefined>;
  /** @throws {AwsError} ResourceNotFoundException */
  urlOf(nameOrArn: string): object;
}

/** As Lambda's own limit of `LogType: Tail`. */
const TAIL_BYTES = 4096;

/** GetFunctionUrlConfig. */
const URL_CONFIG = /^\/2021-10-31\/functions\/([^/]+)\/url$/;

/** As AWS gives them to an account that has been used for a while. */
const ACCOUNT_SETTINGS = {
  AccountLimit: { ConcurrentExecutions: 1000, UnreservedConcurrentExecutions: 1000 },
};

/** Lambda's REST API, as far as the sandbox has it: Invoke, ListFunctions, GetFunction, GetFunctionConfiguration, GetFunctionUrlConfig, and those of mappings. */
export function createApi(
  functions: Functions,
  actions: InvokeActions,
): (request: AwsRequest) => Promise<AwsResponse> {
  return async (request) => {
    if (request.path.startsWith("/2016-08-19/account-settings")) return json(200, ACCOUNT_SETTINGS);
    const [, ofUrl] = URL_CONFIG.exec(request.path) ?? [];
    if (ofUrl !== undefined && request.method === "GET")
      return json(200, actions.urlOf(decodeURIComponent(ofUrl)));
    const ofMappings = await actions.answerMappings(request);
    if (ofMappings) return ofMappings;
    const [path, name = "", action] = /^\/2015-03-31\/functions\/?([^/]*)\/?(.*)$/.exec(request.path) ?? [];
    if (path === undefined) throw unknownOperation(request);
    const nameOrArn = decodeURIComponent(name);
    if (request.method === "POST" && action === "invocations") return answerInvoke(nameOrArn, request);
    if (request.method === "GET" && name === "") {
      return json(200, { Functions: functions.list().map(described) });
    }
    if (request.method === "GET" && action === "configuration") {
      return json(200, described(functions.find(nameOrArn)));
    }
    if (request.method === "GET" && action === "") return json(200, withCode(functions.find(nameOrArn)));
    throw unknownOperation(request);
  };

  async function answerInvoke(nameOrArn: string, request: AwsRequest): Promise<AwsResponse> {
    const payload = checkedPayload(request);
    const traceHeader = request.headers["x-amzn-trace-id"];
    const type = request.headers["x-amz-invocation-type"] ?? "RequestResponse";
    functions.find(nameOrArn);
    if (type === "DryRun") return { status: 204 };
    if (type === "Event") {
      actions.queue(nameOrArn, payload, traceHeader);
      return { status: 202 };
    }
    const { result, log } = await actions.invoke(nameOrArn, payload, traceHeader);
    const tail = Buffer.from(log.join("\n")).subarray(-TAIL_BYTES).toString("base64");
    return {
      status: 200,
      headers: {
        "content-type": "application/json",
        "x-amz-executed-version": "$LATEST",
        ...(request.headers["x-amz-log-type"] === "Tail" && { "x-amz-log-result": tail }),
        ...(!result.ok && { "x-amz-function-error": "Unhandled" }),
      },
      body: result.ok ? result.payload : JSON.stringify(result.error),
    };
  }
}

const unknownOperation = ({ method, path }: AwsRequest): AwsError =>
  new AwsError(
    "UnknownOperationException",
    `The sandbox's Lambda has Invoke, ListFunctions, GetFunction, GetFunctionConfiguration, and List, Get and UpdateEventSourceMapping, not ${method} ${path}.`,
    { status: 404 },
  );

/** AWS's name of the operation, which only the path shows. */
export function operationOf({ method, path }: AwsRequest): string | undefined {
  if (path.endsWith("/invocations")) return "Invoke";
  if (path.startsWith("/2016-08-19/account-settings")) return "GetAccountSettings";
  if (path.startsWith("/2015-03-31/event-source-mappings")) return mappingOperation(method, path);
  if (method !== "GET") return undefined;
  if (URL_CONFIG.test(path)) return "GetFunctionUrlConfig";
  return /\/functions\/?$/.test(path) ? "ListFunctions" : "GetFunction";
}

function mappingOperation(method: string, path: string): string | undefined {
  if (method === "PUT") return "UpdateEventSourceMapping";
  if (method !== "GET") return undefined;
  return /\/event-source-mappings\/?$/.test(path) ? "ListEventSourceMappings" : "GetEventSourceMapping";
}

function checkedPayload({ body }: AwsRequest): string {
  const payload = body.length > 0 ? body.toString() : "{}";
  try {
    JSON.parse(payload);
    return payload;
  } catch (error) {
    throw new AwsError("InvalidRequestContentException", `Could not parse request body into json: ${error}`);
  }
}

function withCode(target: LambdaFunction): object {
  const { reservedConcurrency } = target.configuration;
  return {
    Configuration: described(target),
    Code: { RepositoryType: "S3" },
    ...(reservedConcurrency !== undefined && {
      Concurrency: { ReservedConcurrentExecutions: reservedConcurrency },
    }),
  };
}

function json(status: number, body: object): AwsResponse {
  return { status, headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
}

/** As the API describes a function. */
function described({ configuration, modifiedAt }: LambdaFunction): object {
  const { name, arn, runtime, handler, role, memoryMb, timeoutMs, variables, traced } = configuration;
  return {
    FunctionName: name,
    FunctionArn: arn,
    Runtime: runtime,
    Handler: handler,
    Role: role,
    MemorySize: memoryMb,
    Timeout: timeoutMs / 1000,
    Environment: { Variables: variables },
    TracingConfig: { Mode: traced ? "Active" : "PassThrough" },
    Version: "$LATEST",
    State: "Active",
    LastUpdateStatus: "Successful",
    LastModified: new Date(modifiedAt).toISOString().replace("Z", "+0000"),
    PackageType: "Zip",
  };
}
