import { createHash } from "node:crypto";
import * as z from "zod/mini";
import type { SandboxClock } from "../clock/clock.ts";
import { functionNameIn } from "../lambda/configuration.ts";
import {
  ACCOUNT_ID,
  type AwsRequest,
  type AwsResponse,
  type CreatedResource,
  type Properties,
  type ResourceType,
} from "../service.ts";
import { AwsError } from "../wire/error.ts";
import { decodeJson } from "../wire/json.ts";
import { parse } from "../wire/parse.ts";

interface Mapping {
  readonly properties: Properties;
  readonly resource: CreatedResource;
  readonly modifiedAt: number;
}

/** As the API changes a mapping: it can be stopped and goes on where it was. */
const Update = z.strictObject({ Enabled: z.boolean(), FunctionName: z.optional(z.string()) });

/** https://docs.aws.amazon.com/lambda/latest/api/API_ListEventSourceMappings.html */
const PATH = /^\/2015-03-31\/event-source-mappings(?:\/([^/]*))?\/?$/;

/** The region's event-source mappings, as Lambda's API shows them. */
export class Mappings {
  readonly #mappings = new Map<string, Mapping>();
  readonly #clock: SandboxClock;
  readonly #region: string;

  constructor(clock: SandboxClock, region: string) {
    this.#clock = clock;
    this.#region = region;
  }

  /** CloudFormation's type, with each mapping that it creates kept here. */
  kept(create: ResourceType): ResourceType {
    return async (logicalId, properties) => {
      const uuid = uuidOf(`${this.#region} ${logicalId}`);
      return this.#keep(uuid, properties, await create(logicalId, properties));
    };
  }

  /** Answers List, Get and UpdateEventSourceMapping; undefined for another request. */
  async answer({ method, path, query, body }: AwsRequest): Promise<AwsResponse | undefined> {
    const [matched, uuid = ""] = PATH.exec(path) ?? [];
    if (matched === undefined) return undefined;
    if (method === "GET" && uuid === "") return json(200, { EventSourceMappings: this.#list(query) });
    if (method === "GET") return json(200, this.#described(uuid));
    if (method !== "PUT") return undefined;
    const { Enabled } = parse(Update, decodeJson(body), "InvalidParameterValueException");
    const { properties, resource } = this.#get(uuid);
    const changed = { ...properties, Enabled };
    this.#keep(uuid, changed, (await resource.update?.(changed)) ?? resource);
    return json(202, this.#described(uuid));
  }

  #keep(uuid: string, properties: Properties, resource: CreatedResource): CreatedResource {
    this.#mappings.set(uuid, { properties, resource, modifiedAt: this.#clock.now() });
    return {
      ...resource,
      ref: uuid,
      attributes: { Id: uuid },
      update: async (changed) => this.#keep(uuid, changed, (await resource.update?.(changed)) ?? resource),
      remove: async () => {
        this.#mappings.delete(uuid);
        await resource.remove?.();
      },
    };
  }

  #list(query: URLSearchParams): object[] {
    const name = query.get("FunctionName");
    const source = query.get("EventSourceArn");
    return [...this.#mappings]
      .filter(
        ([, { properties }]) =>
          (name === null || functionOf(properties) === functionNameIn(name)) &&
          (source === null || properties.EventSourceArn === source),
      )
      .map(([uuid]) => this.#described(uuid));
  }

  #get(uuid: string): Mapping {
    const found = this.#mappings.get(uuid);
    if (found) return found;
    throw new AwsError("ResourceNotFoundException", "The resource you requested does not exist.", {
      status: 404,
    });
  }

  #described(uuid: string): object {
    const { properties, modifiedAt } = this.#get(uuid);
    const { EventSourceArn, BatchSize } = properties;
    const isEnabled = String(properties.Enabled ?? true) === "true";
    return {
      UUID: uuid,
      EventSourceArn,
      FunctionArn: `arn:aws:lambda:${this.#region}:${ACCOUNT_ID}:function:${functionOf(properties)}`,
      State: isEnabled ? "Enabled" : "Disabled",
      StateTransitionReason: "USER_INITIATED",
      LastModified: modifiedAt / 1000,
      ...(BatchSize !== undefined && { BatchSize: Number(BatchSize) }),
    };
  }
}

const functionOf = ({ FunctionName }: Properties): string => functionNameIn(String(FunctionName));

/** The same each time the sandbox starts. */
function uuidOf(name: string): string {
  const hex = createHash("sha256").update(name).digest("hex");
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `4${hex.slice(13, 16)}`,
    `8${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ].join("-");
}

function json(status: number, body: object): AwsResponse {
  return { status, headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
}
