import { readFileSync } from "node:fs";
import { join } from "node:path";
import type * as z from "zod/mini";
import type { Automation } from "../../shared/automation/automation.ts";
import type { KeyTable } from "../../shared/automation/key-table.ts";
import { findAutomations } from "../automations.ts";
import { checkedConfig } from "../checked-config.ts";
import { costTable } from "../cost/cost-table.ts";
import { serviceCostTable } from "../cost/service-cost-table.ts";
import { functionFiles, stageInfo } from "../stack/function-files.ts";
import { configSchema, sectionSchema } from "./config-schema.ts";
import { dataDiagram, triggersDiagram } from "./diagrams.ts";
import { endpointsTable } from "./endpoints-table.ts";
import { keyTable } from "./key-tables.ts";
import { notificationSchema } from "./notification-schema.ts";
import { permissionsPage } from "./permissions-page.ts";
import { SERVICE_SECTIONS } from "./service-sections.ts";
import { automationsTable, runbookPages, sectionsTable, whenPausedTable } from "./tables.ts";

/** The config whose month the README shows. */
const CONFIG = "config/dev.yml";

/** Where editors find the schema of a config. */
export const CONFIG_SCHEMA = "config/config.schema.json";

/** A page as it is to be, of what stands in the repository now. */
export interface Page {
  readonly file: string;
  readonly text: string;
}

/**
 * The pages that are made from the descriptors, whole or between two markers (`<!-- name:begin -->`).
 *
 * @throws {Error} where a page has no such marker, or the config is wrong
 */
export async function generatedPages(root: string): Promise<readonly Page[]> {
  const automations = await findAutomations(root);
  const checked = await checkedConfig(root, CONFIG);
  if ("problems" in checked) throw new Error(checked.problems.join("\n"));
  const info = stageInfo("any", functionFiles(root));
  const page = (file: string, parts: Readonly<Record<string, string>>): Page => ({
    file,
    text: Object.entries(parts).reduce(
      (text, [marker, part]) => withPart(file, text, marker, part),
      readFileSync(join(root, file), "utf8"),
    ),
  });
  return [
    page("README.md", {
      automations: automationsTable(automations),
      sections: sectionsTable(automations),
      "service-cost": serviceCostTable(CONFIG, checked.config, automations, info),
      cost: costTable(automations, info),
    }),
    page("docs/architecture.md", {
      triggers: triggersDiagram(automations),
      data: dataDiagram(automations),
    }),
    page("docs/runbook.md", {
      pages: runbookPages(automations),
      "when-paused": whenPausedTable(automations),
    }),
    { file: "docs/permissions.md", text: permissionsPage(automations) },
    ...SERVICE_SECTIONS.filter(({ section }) => section === "account").map(({ schema, keys }) =>
      page("docs/accounts.md", { ...keyTables(schema, keys), endpoints: endpointsTable(automations) }),
    ),
    ...automations.map(({ name, config }) =>
      page(`functions/${name}/README.md`, keyTables(config.schema, config.keys)),
    ),
    { file: CONFIG_SCHEMA, text: configSchemaText(automations) },
    { file: "docs/notifications/notification.schema.json", text: notificationSchema() },
  ];
}

/** A README's tables of keys, by their markers. */
function keyTables(schema: z.ZodMiniType, tables: readonly KeyTable[]): Readonly<Record<string, string>> {
  const json = sectionSchema(schema);
  return Object.fromEntries(tables.map((table) => [`keys-${table.marker}`, keyTable(json, table)]));
}

const configSchemaText = (automations: readonly Automation[]): string =>
  `${JSON.stringify(configSchema(automations, SERVICE_SECTIONS), null, 1)}\n`;

function withPart(file: string, text: string, marker: string, part: string): string {
  const begin = `<!-- ${marker}:begin -->\n`;
  const from = text.indexOf(begin);
  const to = text.indexOf(`<!-- ${marker}:end -->`);
  if (from === -1 || to < from) throw new Error(`${file}: has no part <!-- ${marker}:begin --> … :end -->`);
  return `${text.slice(0, from + begin.length)}${part}\n${text.slice(to)}`;
}
