import { messageOf } from "../../shared/errors/message-of.ts";
import { demandProblems } from "../account/demand-problems.ts";
import type { ServiceConfig } from "../checked-config.ts";
import { expectedQuotaProblems, partitionNotes } from "../template/quotas.ts";
import { shapeResources } from "../template/shape-template.ts";
import type { FunctionFile } from "./function-files.ts";
import { stageInfo } from "./function-files.ts";
import { functionsElsewhere, regionProblems, regionsElsewhere, templateElsewhere } from "./other-regions.ts";
import { alarmNotes, routeProblems } from "./route-problems.ts";
import { stackTemplate } from "./stack-template.ts";

/**
 * Names begin with `reflex-<stage>-`. The longest is that of a bucket, 63 characters with the account and the longest
 * region: `reflex-<stage>-failed-batches-<account>-<region>`.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
 */
const LONGEST_STAGE = 63 - "reflex--failed-batches-123456789012-ap-southeast-2".length;

/** What is wrong with a stage's name. */
export function stageProblems(stage: string): readonly string[] {
  if (/^[a-z][a-z0-9-]*$/.test(stage) && stage.length <= LONGEST_STAGE) return [];
  return [
    `stage: found "${stage}", expected small letters, digits and hyphens, at most ${LONGEST_STAGE}: it is part of the names of buckets`,
  ];
}

/** What AWS would refuse of a config that is right in itself, and what whoever deploys it should know. */
export function refusals(
  config: ServiceConfig,
  { stage, region }: { readonly stage: string; readonly region: string },
  files: ReadonlyMap<string, FunctionFile>,
): { readonly problems: readonly string[]; readonly notes: readonly string[] } {
  const functions = config.automations.flatMap((automation) => automation.functions);
  const { Resources } = stackTemplate(config, stageInfo(stage, files));
  const declared = { ...Resources, ...declaredFunctions(functions, stage) };
  const elsewhere = [
    ...regionProblems(config.automations, region),
    ...demandProblems(config.account, region),
    ...routeProblems(config.notify, region),
  ];
  const target = { stage, region, account: config.account };
  try {
    const inOtherStacks = functionsElsewhere(config.automations);
    const shaped = shapeResources(declared, { ...target, inOtherStacks });
    const problems = expectedQuotaProblems(shaped, { functions: functions.length, region });
    for (const other of regionsElsewhere(config.automations)) {
      const there = {
        ...templateElsewhere(config.automations, stage, region).Resources,
        ...declaredFunctions(inOtherStacks, stage),
      };
      shapeResources(there, { ...target, region: other, inOtherStacks: functions });
    }
    return {
      problems: [...stageProblems(stage), ...elsewhere, ...problems],
      notes: [...shaped.notes, ...partitionNotes(region), ...alarmNotes(config.notify)],
    };
  } catch (error) {
    const message = messageOf(error);
    return { problems: [...stageProblems(stage), ...elsewhere, ...message.split("\n")], notes: [] };
  }
}

const declaredFunctions = (names: readonly string[], stage: string) =>
  Object.fromEntries(
    names.map((name) => [
      `Function${name}`,
      { Type: "AWS::Lambda::Function", Properties: { FunctionName: `reflex-${stage}-${name}` } },
    ]),
  );
