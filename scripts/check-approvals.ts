import type { ConfiguredAutomation } from "../shared/automation/automation.ts";
import type { ConfigFile } from "../shared/config/file.ts";
import type { Mode, Problem } from "../shared/config/load.ts";
import { routesOf } from "../shared/routes/route.ts";
import type { NotifyConfig } from "../shared/routes/routes.ts";
import { uniqueTargets } from "../shared/routes/unique-targets.ts";

/**
 * Mode `ask` where nobody could answer: a question that reaches nobody would hold every change back for ever.
 *
 * @param sections of the automations, by their names
 */
export function approvalProblems(
  automations: readonly ConfiguredAutomation[],
  sections: ReadonlyMap<string, string>,
  mode: Mode,
  notify: NotifyConfig,
  { placeOf }: Pick<ConfigFile, "placeOf">,
): readonly Problem[] {
  return automations.flatMap((automation) =>
    automation.asks(mode).flatMap(({ resource, path }) => {
      const missing = missingFor(automation.name, resource, notify);
      const where = [sections.get(automation.name) ?? "", ...path];
      return missing === undefined
        ? []
        : [`${placeOf(where)}: ${where.join(".")}: its mode is ask, expected ${missing}`];
    }),
  );
}

function missingFor(automation: string, resource: string, notify: NotifyConfig): string | undefined {
  if (!notify.approvals) {
    return "notify.approvals with a secret: people's answers come by links that are signed with it";
  }
  // Whenever it is asked: a route that is open at some time is one.
  const routes = notify.routes.map(({ windows: _always, ...route }) => route);
  const taking = routesOf(question(automation, resource), { ...notify, routes });
  return uniqueTargets(taking).length > 0
    ? undefined
    : `a route of notify.routes that takes ${resource} of ${automation} with severity warning to somebody`;
}

/** As far as routes look at it. */
const question = (automation: string, resource: string) => ({
  ...{ id: "", at: new Date(0).toISOString(), automation, resource },
  ...{ severity: "warning" as const, state: "begin" as const, headline: "" },
  ...{ work: [], resourceMetrics: [], events: [], done: { what: "" }, reasons: [] },
});
