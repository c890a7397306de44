import * as z from "zod/mini";
import type { Automation, ConfiguredAutomation } from "../shared/automation/automation.ts";
import type { ConfigFile } from "../shared/config/file.ts";
import {
  type Mode,
  type Problem,
  parseSection,
  SERVICE_SECTIONS,
  serviceMode,
  unknownSections,
} from "../shared/config/load.ts";
import { readConfigFile } from "../shared/config/read-file.ts";
import { messageOf } from "../shared/errors/message-of.ts";
import { heartbeat } from "../shared/heartbeat/config.ts";
import { Misconfigured } from "../shared/lambda/errors.ts";
import { type NotifyConfig, notifySchema } from "../shared/routes/routes.ts";
import { type AccountConfig, accountSchema } from "./account/account-config.ts";
import { findAutomations } from "./automations.ts";
import { approvalProblems } from "./check-approvals.ts";
import { heartbeatProblems } from "./check-heartbeat.ts";

/** How Reflex itself is watched. A dashboard is $3 a month from the fourth of an account on. */
export const monitoringSchema = z.strictObject({
  dashboard: z._default(z.boolean(), false),
  heartbeat: z.optional(heartbeat),
});

/** A whole config that is right. */
export interface ServiceConfig {
  readonly mode: Mode;
  readonly notify: NotifyConfig;
  readonly account: AccountConfig;
  readonly monitoring: z.output<typeof monitoringSchema>;
  /** Those that are deployed, each with its section: those the config gives anything to do. */
  readonly automations: readonly ConfiguredAutomation[];
}

type Checked = { readonly config: ServiceConfig } | { readonly problems: readonly Problem[] };

/** The names of all sections, in the order in which messages name them. */
export const sectionNames = (automations: readonly Automation[]): readonly string[] => [
  ...new Set([...SERVICE_SECTIONS, ...automations.map(({ config }) => config.section)]),
];

/** The config file of this name, checked: all of it, or everything that is wrong with it. */
export async function checkedConfig(
  root: string,
  name: string,
  options: DeployOptions = {},
): Promise<Checked> {
  const automations = await findAutomations(root);
  try {
    return configOf(readConfigFile(root, name), automations, options);
  } catch (error) {
    if (error instanceof Misconfigured) return { problems: [error.message] };
    const reason = messageOf(error);
    return { problems: [`${name}: cannot be read: ${reason}`] };
  }
}

/** What of the service is deployed. */
export interface DeployOptions {
  /** Also automations that have nothing to do: the sandbox hands its functions another config later. */
  readonly deploysAll?: boolean;
}

/** A file's sections by the automations' own schemas. */
export function configOf(
  file: ConfigFile,
  automations: readonly Automation[],
  { deploysAll = process.env.REFLEX_DEPLOY_ALL === "yes" }: DeployOptions = {},
): Checked {
  const mode = serviceMode(file);
  const notify = parseSection(file, "notify", notifySchema);
  const account = parseSection(file, "account", accountSchema);
  const monitoring = parseSection(file, "monitoring", monitoringSchema);
  const configured = automations.map((automation) => automation.configured(file));
  const problems = [mode, notify, account, monitoring, ...configured].flatMap((one) =>
    "problems" in one ? one.problems : [],
  );
  const unknown = unknownSections(file, sectionNames(automations));
  if (
    "problems" in mode ||
    "problems" in notify ||
    "problems" in account ||
    "problems" in monitoring ||
    problems.length + unknown.length > 0
  ) {
    // Automations that share a section find the same.
    return { problems: [...new Set([...unknown, ...problems])] };
  }
  const values = configured.flatMap((one) => ("value" in one ? [one.value] : []));
  const sections = new Map(automations.map(({ name, config }) => [name, config.section]));
  const undeliverable = [
    ...approvalProblems(values, sections, mode.value, notify.value, file),
    ...heartbeatProblems(monitoring.value.heartbeat !== undefined, values, file),
  ];
  if (undeliverable.length > 0) return { problems: undeliverable };
  return {
    config: {
      mode: mode.value,
      notify: notify.value,
      account: account.value,
      monitoring: monitoring.value,
      automations: values.filter(({ inUse }) => inUse || deploysAll),
    },
  };
}
