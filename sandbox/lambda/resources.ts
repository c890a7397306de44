import { type FunctionPolicies, permissionResource } from "../iam/function-policy.ts";
import { notSimulated } from "../not-simulated.ts";
import type { ResourceType } from "../service.ts";
import { parse } from "../wire/parse.ts";
import { type FunctionConfiguration, functionConfiguration, SIMULATED_PROPERTIES } from "./configuration.ts";
import { EventInvokeConfig, type EventRules, eventRules } from "./events.ts";
import type { Functions } from "./functions.ts";
import type { FunctionUrls } from "./urls/function-urls.ts";

export interface LambdaResourceDependencies {
  readonly region: string;
  readonly functions: Functions;
  /** Adds a function that was declared. */
  readonly create: (declared: FunctionConfiguration) => Promise<void>;
  /** By the function's name. */
  readonly eventRules: Map<string, EventRules>;
  readonly policies: FunctionPolicies;
  readonly urls: FunctionUrls;
}

/** The CloudFormation types of Lambda. */
export function lambdaResources(
  dependencies: LambdaResourceDependencies,
): Readonly<Record<string, ResourceType>> {
  const { region, functions, create, eventRules: rules, policies, urls } = dependencies;
  return {
    "AWS::Lambda::Function": async (logicalId, properties) => {
      const declared = functionConfiguration(logicalId, properties, region);
      const { name, arn } = declared;
      await create(declared);
      const known = [...SIMULATED_PROPERTIES, "Description", "Tags", "LoggingConfig"];
      return {
        ref: name,
        attributes: { Arn: arn },
        notSimulated: notSimulated(logicalId, properties, known, {
          Architectures: "it runs on this machine's",
        }),
        remove: () => functions.remove(name),
      };
    },
    "AWS::Lambda::Version": async (_, { FunctionName }) => {
      const { arn } = functions.find(String(FunctionName)).configuration;
      return { ref: `${arn}:1`, attributes: { Version: "1" } };
    },
    "AWS::Lambda::EventInvokeConfig": async (logicalId, properties) => {
      const config = parse(EventInvokeConfig, properties, "ValidationException");
      const { name } = functions.find(config.FunctionName).configuration;
      rules.set(name, eventRules(config));
      return {
        ref: logicalId,
        notSimulated: notSimulated(logicalId, properties, Object.keys(EventInvokeConfig.shape)),
        remove: async () => void rules.delete(name),
      };
    },
    "AWS::Lambda::Permission": permissionResource((name) => functions.find(name).configuration.arn, policies),
    "AWS::Lambda::Url": urls.resource,
  };
}
