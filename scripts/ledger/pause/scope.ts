import { nearest } from "../../../shared/config/nearest.ts";
import { ALL } from "../../../shared/ledger/pauses.ts";

/** What a pause means for an automation; absent where it changes nothing on its own, and so is not paused. */
export interface Pausable {
  readonly name: string;
  readonly whenPaused?: string;
  /** The page that says how it is stopped. */
  readonly runbook?: string;
}

/**
 * Why nothing of this name can be paused: an automation that is not, or a resource Reflex does not know. A pause of a name
 * that is spelled wrong would stop nothing. Undefined where it can.
 *
 * @param resources every resource the ledger knows
 */
export function scopeProblem(
  scope: string,
  automations: readonly Pausable[],
  resources: readonly string[],
): string | undefined {
  const automation = automations.find(({ name }) => name === scope);
  if (automation)
    return automation.whenPaused === undefined
      ? `${scope} is not paused: it changes nothing that others run. ${automation.runbook ?? "Its README"} says how it is stopped.`
      : undefined;
  if (scope === ALL || resources.includes(scope)) return undefined;
  const known = [ALL, ...automations.map(({ name }) => name), ...resources];
  const near = nearest(scope, known);
  return `found "${scope}", expected all, an automation or a resource that Reflex has looked at: nothing was paused.${near === undefined ? "" : ` Did you mean ${near}?`}`;
}

/** What stands still during the pause, a line each. */
export function meaningOf(scope: string, automations: readonly Pausable[]): readonly string[] {
  const concerned = automations.filter(
    ({ name, whenPaused }) => whenPaused !== undefined && [ALL, name].includes(scope),
  );
  if (concerned.length > 0) return concerned.map(({ name, whenPaused }) => `${name}: ${whenPaused}`);
  return ["It goes on deciding and notifying, and changes nothing."];
}
