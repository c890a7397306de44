import * as z from "zod/mini";
import { configName, readConfigFile } from "../../shared/config/read-file.ts";
import { findAutomations } from "../automations.ts";
import { sectionNames } from "../checked-config.ts";

/** The checked config, as far as this looks at it. */
const linked = z.looseObject({
  notify: z._default(
    z.looseObject({
      links: z._default(z.looseObject({ runbook: z._default(z.string(), "") }), { runbook: "" }),
    }),
    { links: { runbook: "" } },
  ),
});

/**
 * What the bundler puts in the place of three variables: the stage's config as JSON, so that no function has to read YAML
 * when it starts, the names of all sections (shared/config/load.ts), and where the runbook is (shared/notify/notify.ts).
 *
 * @param root the folder of the service
 */
export async function packagedConfig(root: string, stage: string): Promise<Record<string, string>> {
  const { name, sections } = readConfigFile(root, configName(stage));
  // No function has any use for what the account demands of the stack.
  const { account: _account, ...document } = sections;
  return {
    "process.env.REFLEX_PACKAGED_CONFIG": text({ name, document }),
    // Every message links to its heading there.
    "process.env.REFLEX_RUNBOOK": JSON.stringify(linked.parse(document).notify.links.runbook),
    "process.env.REFLEX_SECTIONS": text(sectionNames(await findAutomations(root))),
  };
}

/** The text of a string literal that holds the value as JSON. */
const text = (value: unknown) => JSON.stringify(JSON.stringify(value));
