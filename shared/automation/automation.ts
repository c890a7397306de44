import type * as z from "zod/mini";
import type { Resource, Template } from "../cloudformation/resource.ts";
import type { ConfigFile } from "../config/file.ts";
import { type Mode, type Problem, parseSection } from "../config/load.ts";
import type { CostLine, CostPart } from "../cost/cost-line.ts";
import type { Monitoring, StageInfo } from "../monitoring/monitoring.ts";
import type { DataArrow, TriggerArrow } from "./diagram.ts";
import type { KeyTable } from "./key-table.ts";
import type { Permission } from "./permission.ts";
import type { PlanUndo } from "./undo.ts";

/**
 * An automation is a folder under functions/, and its `automation.ts` exports one `automation`: everything the rest of
 * the service has to know of it. The stack, docs, costs, alarms, permissions and smoke test are made from the list of
 * all of them (scripts/automations.ts). No function imports a descriptor: it is in no bundle.
 */

/** What is so for any config. */
export interface AutomationFacts {
  /** The folder's name. */
  readonly name: string;
  /** One line for the README's table: what it does. */
  readonly summary: string;
  /** One line for the README's table: what triggers it. */
  readonly triggeredBy: string;
  /** Its functions, without `reflex-<stage>-`; each has a function.yml in the folder. */
  readonly functions: readonly string[];
  /** What its role may do, and why. */
  readonly permissions: readonly Permission[];
  /** One line: what stands still during `reflex pause`. Absent for one that changes nothing of its own accord. */
  readonly whenPaused?: string;
  /** For `reflex undo`: what would undo one of its changes. Absent for one whose changes are not in the ledger. */
  readonly undo?: PlanUndo;
  /** Functions that are deployed in other regions, in a small stack of their own there, and what their role may do. */
  readonly otherRegions?: {
    /** Without `reflex-<stage>-` and `-for-<home region>`; each has a function.yml in the folder. */
    readonly functions: readonly string[];
    readonly permissions: readonly Permission[];
  };
  /** Its page of the runbook, where it has one. */
  readonly runbook?: string;
  readonly diagram: { readonly triggers: readonly TriggerArrow[]; readonly data: readonly DataArrow[] };
}

/** What the account has, for a config that names nothing itself. */
export interface SmokeAccount {
  /** Names of Kinesis streams. */
  readonly streams: readonly string[];
}

/** A resource of the config, or a pattern, whose changes a person has to approve. */
export interface AskingResource {
  readonly resource: string;
  /** Of the key in the automation's section. */
  readonly path: readonly string[];
}

/** What depends on the automation's section of the config. */
interface ByConfig<Config> {
  /** Whether the config gives it anything to do. Where not, nothing of it is deployed. */
  inUse(config: Config): boolean;
  /** Its roles and what else it needs in the stack; `file` for what other sections say. */
  resources(config: Config, stage: string, file: ConfigFile): Template;
  /** Events of a function that follow from the config, by the function's name; the others stand in its function.yml. */
  events?(config: Config, stage: string, file: ConfigFile): Readonly<Record<string, readonly Resource[]>>;
  /** The other regions that the config asks for. */
  regionsElsewhere?(config: Config): readonly string[];
  /** What is in the stack of each of them beside the functions; `home` is the region of the service. */
  resourcesElsewhere?(config: Config, stage: string, home: string): Template;
  /**
   * What of it asks a person before it is changed, by the service's mode and its own, as notifications name it
   * (`stream/orders`); each with the path of what says so.
   */
  asks?(config: Config, mode: Mode): readonly AskingResource[];
  /** What stands for each `<placeholder>` of `permissions`; with nothing for it, the permission is in no role. */
  placeholders(config: Config, stage: string, file: ConfigFile): Readonly<Record<string, readonly string[]>>;
  /** @param file the whole config: an alarm may depend on the service's mode */
  monitoring(config: Config, info: StageInfo, file: ConfigFile): Monitoring;
  /** By function: an event it answers without changing, writing or publishing anything. */
  smokeEvents(config: Config, account: SmokeAccount): Readonly<Record<string, object>>;
  /** The same for its functions in other regions. */
  smokeEventsElsewhere?(config: Config): Readonly<Record<string, object>>;
  /** A month at rest: it watches, and there is nothing to do. */
  cost(config: Config, info: StageInfo): readonly CostPart[];
}

/** A descriptor as an automation writes it, over the type of its own section. */
export interface AutomationSpec<Schema extends z.ZodMiniType>
  extends AutomationFacts,
    ByConfig<z.output<Schema>> {
  readonly config: {
    /** The key of `config/<stage>.yml`. */
    readonly section: string;
    readonly schema: Schema;
    /** One line for the README's table of sections. */
    readonly describes: string;
    /** What its keys mean: the README's tables and the JSON Schema of the config are made from it. */
    readonly keys: readonly KeyTable[];
    /** One more of what it manages: its name on the bill, and a section with so many by the default policy. */
    readonly sample: { readonly what: string; section(count: number): unknown };
  };
  /** What its work costs, beside a month at rest. */
  costOfUse?(info: StageInfo): readonly CostLine[];
}

/** A descriptor together with its section of one config. */
export interface ConfiguredAutomation extends AutomationFacts {
  /** Whether the config gives it anything to do. Where not, nothing of it is deployed. */
  readonly inUse: boolean;
  resources(stage: string): Template;
  events(stage: string): Readonly<Record<string, readonly Resource[]>>;
  readonly regionsElsewhere: readonly string[];
  resourcesElsewhere(stage: string, home: string): Template;
  asks(mode: Mode): readonly AskingResource[];
  placeholders(stage: string): Readonly<Record<string, readonly string[]>>;
  monitoring(info: StageInfo): Monitoring;
  smokeEvents(account?: SmokeAccount): Readonly<Record<string, object>>;
  smokeEventsElsewhere(): Readonly<Record<string, object>>;
  cost(info: StageInfo): readonly CostPart[];
}

export interface Automation extends AutomationFacts {
  readonly config: AutomationSpec<z.ZodMiniType>["config"];
  costOfUse(info: StageInfo): readonly CostLine[];
  /** The automation by a config, or everything that is wrong in its section. */
  configured(
    file: ConfigFile,
  ): { readonly value: ConfiguredAutomation } | { readonly problems: readonly Problem[] };
}

export function defineAutomation<Schema extends z.ZodMiniType>(spec: AutomationSpec<Schema>): Automation {
  const { name, summary, triggeredBy, functions, permissions, otherRegions, runbook, diagram } = spec;
  const { whenPaused, undo } = spec;
  const { section, schema } = spec.config;
  const facts: AutomationFacts = {
    ...{ name, summary, triggeredBy, functions, permissions, diagram },
    ...(runbook !== undefined && { runbook }),
    ...(whenPaused !== undefined && { whenPaused }),
    ...(undo && { undo }),
    ...(otherRegions && { otherRegions }),
  };
  return {
    ...facts,
    config: spec.config,
    costOfUse: (info) => spec.costOfUse?.(info) ?? [],
    configured(file) {
      const parsed = parseSection(file, section, schema);
      if ("problems" in parsed) return parsed;
      const config = parsed.value;
      return {
        value: {
          ...facts,
          inUse: spec.inUse(config),
          resources: (stage) => spec.resources(config, stage, file),
          events: (stage) => spec.events?.(config, stage, file) ?? {},
          regionsElsewhere: spec.regionsElsewhere?.(config) ?? [],
          resourcesElsewhere: (stage, home) =>
            spec.resourcesElsewhere?.(config, stage, home) ?? { Resources: {} },
          asks: (mode) => spec.asks?.(config, mode) ?? [],
          placeholders: (stage) => spec.placeholders(config, stage, file),
          monitoring: (info) => spec.monitoring(config, info, file),
          smokeEvents: (account = { streams: [] }) => spec.smokeEvents(config, account),
          smokeEventsElsewhere: () => spec.smokeEventsElsewhere?.(config) ?? {},
          cost: (info) => spec.cost(config, info),
        },
      };
    },
  };
}
