import { readSecrets } from "../../../shared/cloudformation/read-secrets.ts";
import type { Template } from "../../../shared/cloudformation/resource.ts";
import { functionRole, logAndTrace } from "../../../shared/cloudformation/role.ts";
import type { Site } from "../config/site.ts";
import type { Sites } from "../config/sites.ts";
import { secretRefs } from "../secrets/resolve-secrets.ts";

/** The role of confirm-sites: it reads the secrets that the config lets go there, where they are kept, and no others. */
export function templateElsewhere({ list }: Pick<Sites, "list">, stage: string, home: string): Template {
  const refs = list.filter(sendsCredentials).flatMap(secretRefs);
  return {
    Resources: {
      ConfirmSitesRole: functionRole("confirm-sites", [
        ...readSecrets(refs, home),
        ...logAndTrace(`reflex-${stage}-confirm-sites-for-${home}`),
      ]),
    },
  };
}

/** Sites whose credentials may leave the home region. */
export function sendsCredentials({ confirm }: Pick<Site, "confirm">): boolean {
  return confirm === "with-credentials";
}
