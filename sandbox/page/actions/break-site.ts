import * as z from "zod/mini";
import type { SiteSwitch } from "../state/site-view.ts";
import { type Action, parsed, Refused } from "./action.ts";

const input = z.object({ site: z.string(), behaviour: z.string() });

/** One of the sandbox's own sites begins to fail in a way that is chosen, or is well again. */
export function breakSite(sites: readonly SiteSwitch[]): Action {
  return {
    name: "break-site",
    available: () => sites.length > 0,
    async run(body) {
      const { site, behaviour } = parsed(input, body);
      const found = sites.find(({ name }) => name === site);
      if (!found) throw new Refused(`There is no site ${site}.`);
      const chosen = found.behaviours.find(({ id }) => id === behaviour);
      if (!chosen) {
        const known = found.behaviours.map(({ id }) => id).join(", ");
        throw new Refused(`The site ${site} cannot be ${behaviour}, only ${known}.`);
      }
      await found.behave(chosen.id);
      return `${site}: ${chosen.label}. The next check sees it.`;
    },
  };
}
