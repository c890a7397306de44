import { randomBytes, randomUUID } from "node:crypto";
import * as z from "zod/mini";
import type { SandboxClock } from "../../clock/clock.ts";
import { allowsEverybody, type FunctionPolicies } from "../../iam/function-policy.ts";
import { notSimulated } from "../../not-simulated.ts";
import type { AwsRequest, AwsResponse, CreatedResource, ResourceType } from "../../service.ts";
import { AwsError } from "../../wire/error.ts";
import { parse } from "../../wire/parse.ts";
import type { Invocation } from "../function.ts";
import type { Functions } from "../functions.ts";

const UrlProperties = z.looseObject({
  TargetFunctionArn: z.string(),
  AuthType: z.enum(["NONE", "AWS_IAM"]),
});

interface FunctionUrl {
  readonly functionName: string;
  readonly arn: string;
  readonly authType: "NONE" | "AWS_IAM";
  readonly createdAt: number;
}

export interface FunctionUrlOptions {
  readonly functions: Functions;
  readonly policies: FunctionPolicies;
  readonly clock: SandboxClock;
  readonly endpointUrl: () => string;
  /** @throws {AwsError} where it is throttled */
  readonly invoke: (functionName: string, payload: string) => Promise<Invocation>;
}

const PATH = /^\/lambda-url\/([a-z0-9]+)(\/.*)?$/;

/**
 * Function URLs, served from the sandbox's own address at `/lambda-url/<id>/`. As Lambda does since October 2025, one without
 * authentication answers only where the function's policy lets everybody both call `lambda:InvokeFunctionUrl` and
 * `lambda:InvokeFunction`. https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html
 */
export class FunctionUrls {
  readonly #options: FunctionUrlOptions;
  readonly #urls = new Map<string, FunctionUrl>();

  constructor(options: FunctionUrlOptions) {
    this.#options = options;
  }

  /** `AWS::Lambda::Url`. */
  readonly resource: ResourceType = async (logicalId, properties): Promise<CreatedResource> => {
    const { TargetFunctionArn, AuthType } = parse(UrlProperties, properties, "ValidationException");
    const { functions, clock } = this.#options;
    const { name, arn } = functions.find(TargetFunctionArn).configuration;
    const id = randomBytes(16).toString("hex");
    this.#urls.set(id, { functionName: name, arn, authType: AuthType, createdAt: clock.now() });
    return {
      ref: arn,
      attributes: { FunctionArn: arn, FunctionUrl: this.#addressOf(id) },
      notSimulated: notSimulated(logicalId, properties, Object.keys(UrlProperties.shape)),
      remove: async () => void this.#urls.delete(id),
    };
  };

  /** GetFunctionUrlConfig. @throws {AwsError} ResourceNotFoundException */
  describe(nameOrArn: string): object {
    const { name } = this.#options.functions.find(nameOrArn).configuration;
    const found = [...this.#urls].find(([, { functionName }]) => functionName === name);
    if (!found) {
      const message = "The resource you requested does not exist.";
      throw new AwsError("ResourceNotFoundException", message, { status: 404 });
    }
    const [id, { arn, authType, createdAt }] = found;
    const at = new Date(createdAt).toISOString();
    return {
      ...{ FunctionUrl: this.#addressOf(id), FunctionArn: arn, AuthType: authType },
      ...{ InvokeMode: "BUFFERED", CreationTime: at, LastModifiedTime: at },
    };
  }

  /** Answers a request for one; undefined when it is for something else. */
  async serve(request: AwsRequest): Promise<AwsResponse | undefined> {
    const [, id = "", rawPath = "/"] = PATH.exec(request.path) ?? [];
    const url = this.#urls.get(id);
    if (!url) return undefined;
    if (!this.#isOpen(url)) {
      return json(403, {
        Message:
          "Forbidden. For troubleshooting Function URL authorization issues, see: https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html",
      });
    }
    const event = eventOf(request, id, rawPath, this.#options.clock.now());
    try {
      return responseOf(await this.#options.invoke(url.functionName, JSON.stringify(event)));
    } catch (error) {
      if (error instanceof AwsError) return json(error.status, { Message: error.message });
      throw error;
    }
  }

  #isOpen({ functionName, authType }: FunctionUrl): boolean {
    const { policies } = this.#options;
    return (
      authType === "NONE" &&
      allowsEverybody(policies, functionName, "lambda:InvokeFunctionUrl") &&
      allowsEverybody(policies, functionName, "lambda:InvokeFunction")
    );
  }

  #addressOf(id: string): string {
    return `${this.#options.endpointUrl()}/lambda-url/${id}/`;
  }
}

/** Bodies of other types come to the function in base64, forms too. */
const TEXT = /^(text\/|application\/(json|xml|javascript)\b)/;

/** https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html#urls-payloads */
function eventOf(
  { method, query, headers, body }: AwsRequest,
  id: string,
  rawPath: string,
  now: number,
): object {
  const isText = TEXT.test(headers["content-type"] ?? "");
  const parameters = Object.fromEntries(query);
  return {
    ...{ version: "2.0", routeKey: "$default", rawPath, rawQueryString: query.toString(), headers },
    ...(query.size > 0 && { queryStringParameters: parameters }),
    requestContext: {
      ...{ accountId: "anonymous", apiId: id, domainPrefix: id },
      domainName: headers.host ?? "",
      http: {
        ...{ method, path: rawPath, protocol: "HTTP/1.1", sourceIp: "127.0.0.1" },
        userAgent: headers["user-agent"] ?? "",
      },
      ...{ requestId: randomUUID(), routeKey: "$default", stage: "$default" },
      ...{ time: new Date(now).toUTCString(), timeEpoch: now },
    },
    ...(body.length > 0 && { body: body.toString(isText ? "utf8" : "base64") }),
    isBase64Encoded: body.length > 0 && !isText,
  };
}

const Response = z.looseObject({
  statusCode: z.int(),
  headers: z._default(z.record(z.string(), z.string()), {}),
  body: z._default(z.string(), ""),
  isBase64Encoded: z._default(z.boolean(), false),
});

/** What a function answers stands for a response where it has a status, and otherwise is the body of one. */
function responseOf({ result }: Invocation): AwsResponse {
  if (!result.ok) return json(502, { Message: "Internal Server Error" });
  const payload: unknown = JSON.parse(result.payload);
  const parsed = Response.safeParse(payload);
  if (!parsed.success) return json(200, Object(payload));
  const { statusCode, headers, body, isBase64Encoded } = parsed.data;
  return { status: statusCode, headers, body: isBase64Encoded ? Buffer.from(body, "base64") : body };
}

const json = (status: number, body: object): AwsResponse => ({
  ...{ status, headers: { "content-type": "application/json" }, body: JSON.stringify(body) },
});
