import type { CloudFormationClient } from "@aws-sdk/client-cloudformation";
import { inParallel } from "../../shared/aws/in-parallel.ts";
import { templateOfStack } from "../stack/template-of-stack.ts";
import { type Clients, identifierOf } from "./existing.ts";
import { type Kept, keptResources, parseStackTemplate, type StackTemplate } from "./kept-resources.ts";

/** What of a template is in the account without its stack. */
export interface FoundKept {
  readonly found: readonly (Kept & { readonly identifier: string })[];
  /** The stack's template; undefined where there is no such stack. */
  readonly deployed: StackTemplate | undefined;
}

/** Calls at once: what DescribeTable and the others take without being throttled. */
const AT_ONCE = 5;

/** @throws {Error} for a table of the config that is there with another key */
export async function findKept(
  packaged: StackTemplate,
  clients: Clients & { readonly cloudformation: CloudFormationClient },
  place: { readonly stack: string; readonly account: string; readonly region: string },
): Promise<FoundKept> {
  const text = await templateOfStack(clients.cloudformation, place.stack);
  const deployed = text === undefined ? undefined : parseStackTemplate(text);
  const kept = keptResources(packaged, deployed ?? { Resources: {} }, place);
  const looked = await inParallel(kept, AT_ONCE, async (one) => ({
    ...one,
    identifier: await identifierOf(one, clients),
  }));
  const found = looked.flatMap(({ identifier, ...one }) =>
    identifier === undefined ? [] : [{ ...one, identifier }],
  );
  return { deployed, found };
}

/** Why a stage cannot be deployed, where something of it is there without its stack. */
export function keptProblem({ found }: Pick<FoundKept, "found">, stage: string): string | undefined {
  if (found.length === 0) return undefined;
  const names = found.map(({ type, name }) => `  ${type}  ${name}`).join("\n");
  return `These are there already, without the stack reflex-${stage}: nothing was changed.\n${names}\nTake them into the stack, with what is in them: reflex import --stage ${stage}. Or delete them.`;
}
