import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import * as z from "zod/mini";
import { sites } from "../functions/check-sites/config/site.ts";
import { ingestSchema } from "../functions/ingest-events/config/policy.ts";
import { streamPolicies } from "../functions/reshard-streams/config/policy.ts";
import {
  type Mode,
  type Problem,
  parseConfigFile,
  parseSection,
  serviceMode,
  unknownSections,
} from "../shared/config/load.ts";
import { Misconfigured } from "../shared/lambda/errors.ts";
import { nodePools } from "../shared/node-pools/policy.ts";

/** Who is told, beside those who subscribe to the topic themselves. */
const notify = z.strictObject({ emails: z._default(z.array(z.email()), []) });

/** Every section of the config by its automation's own schema. */
const SCHEMAS = { notify, streams: streamPolicies, sites, nodePools, ingest: ingestSchema };

export type Sections = { [Name in keyof typeof SCHEMAS]: z.output<(typeof SCHEMAS)[Name]> } & { mode: Mode };

/** The whole of a config file, checked: its sections, or everything that is wrong with it. */
export async function checkedConfig(
  root: string,
  name: string,
): Promise<{ sections: Partial<Sections>; problems: readonly Problem[] }> {
  try {
    const file = await parseConfigFile(readFileSync(resolve(root, name), "utf8"), name);
    const mode = serviceMode(file);
    const parsed = {
      notify: parseSection(file, "notify", SCHEMAS.notify),
      streams: parseSection(file, "streams", SCHEMAS.streams),
      sites: parseSection(file, "sites", SCHEMAS.sites),
      nodePools: parseSection(file, "nodePools", SCHEMAS.nodePools),
      ingest: parseSection(file, "ingest", SCHEMAS.ingest),
    };
    const problems = [mode, ...Object.values(parsed)].flatMap((one) =>
      "problems" in one ? one.problems : [],
    );
    const sections = {
      ...("value" in mode && { mode: mode.value }),
      ...("value" in parsed.notify && { notify: parsed.notify.value }),
      ...("value" in parsed.streams && { streams: parsed.streams.value }),
      ...("value" in parsed.sites && { sites: parsed.sites.value }),
      ...("value" in parsed.nodePools && { nodePools: parsed.nodePools.value }),
      ...("value" in parsed.ingest && { ingest: parsed.ingest.value }),
    };
    return { sections, problems: [...unknownSections(file), ...problems] };
  } catch (error) {
    if (error instanceof Misconfigured) return { sections: {}, problems: [error.message] };
    const reason = error instanceof Error ? error.message : String(error);
    return { sections: {}, problems: [`${name}: cannot be read: ${reason}`] };
  }
}
