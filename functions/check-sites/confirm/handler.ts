import { loadConfig } from "../../../shared/config/load.ts";
import { requiredEnv } from "../../../shared/config/required-env.ts";
import { reflex } from "../../../shared/lambda/stack.ts";
import { createCredentials } from "../../../shared/secrets/credentials.ts";
import { createSecretSource } from "../../../shared/secrets/secret-source.ts";
import { systemStopwatch } from "../../../shared/time/clock.ts";
import { sites as schema } from "../config/sites.ts";
import { loadPatternEngine } from "../evaluate/pattern.ts";
import { createAddressFilter } from "../probe/net/address-filter.ts";
import { createResolver } from "../probe/net/resolver.ts";
import { type ConfirmDependencies, confirmSites } from "./confirm-sites.ts";

/** Credentials that may be used from here are read where they are kept. */
const credentials = createCredentials(createSecretSource(requiredEnv("HOME_REGION")));

const deps = loadConfig("sites", schema).then(async ({ policies: sites }): Promise<ConfirmDependencies> => {
  const conditions = sites.list.flatMap((site) => site.conditions);
  if (conditions.some(({ needsPatternEngine }) => needsPatternEngine)) await loadPatternEngine();
  return {
    sites,
    credentials,
    // The resolvers of the config may be in a network of home's.
    resolver: createResolver([]),
    addressFilter: createAddressFilter(sites.allow),
    stopwatch: systemStopwatch,
  };
});

export const handler = reflex("confirm-sites", async (event, run) => confirmSites(event, run, await deps));
