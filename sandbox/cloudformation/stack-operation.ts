import type { SandboxClock } from "../clock/clock.ts";
import type { ResourceType } from "../service.ts";
import {
  deprovision,
  type Provisioned,
  type ProvisionOptions,
  provision,
  type Step,
} from "../template/provision.ts";
import { TakenNames } from "../template/taken-names.ts";
import type { TemplateSource } from "./source.ts";
import { addEvent, type Stack, setStatus } from "./stack.ts";

export interface StackOperationDependencies {
  readonly clock: SandboxClock;
  /** The default region where absent. */
  readonly region?: string;
  /** The names that are taken, in this account or in all of AWS. */
  readonly names?: TakenNames;
  /** Every type the account's services can create. */
  readonly types: () => Readonly<Record<string, ResourceType>>;
  /** Gets a line for a roll-back that failed. */
  readonly log: (line: string) => void;
}

/** What is done to a stack's resources, with the events that CloudFormation writes about it. */
export interface StackOperations {
  create(stack: Stack, source: TemplateSource): Promise<Provisioned>;
  update(stack: Stack, source: TemplateSource): Promise<Provisioned>;
  delete(stack: Stack): Promise<void>;
}

/** An operation that failed. */
interface Failure {
  readonly prefix: "ROLLBACK" | "UPDATE_ROLLBACK";
  readonly cause: unknown;
  /** The logical ids of what it had created by then. */
  readonly created: ReadonlySet<string>;
}

export function createStackOperations(dependencies: StackOperationDependencies): StackOperations {
  const { clock, types, log, region, names = new TakenNames() } = dependencies;
  const inRegion = region === undefined ? {} : { region };

  const status = (stack: Stack, value: string, reason?: string) =>
    setStatus(stack, clock.now(), value, reason);

  const onStep = (stack: Stack) => (step: Step) => {
    stack.changedAt.set(step.logicalId, clock.now());
    addEvent(stack, clock.now(), step);
  };

  const provisionAs = (
    stack: Stack,
    { template }: TemplateSource,
    more: Pick<ProvisionOptions, "onStep" | "rolledBack">,
  ): Promise<Provisioned> =>
    provision(template, {
      types: types(),
      stackName: stack.name,
      ...inRegion,
      existing: stack.resources,
      names,
      onStep: onStep(stack),
      ...more,
    });

  async function run(stack: Stack, source: TemplateSource, verb: "CREATE" | "UPDATE"): Promise<Provisioned> {
    status(stack, `${verb}_IN_PROGRESS`, "User Initiated");
    const created = new Set<string>();
    const record = onStep(stack);
    try {
      const provisioned = await provisionAs(stack, source, {
        onStep: (step) => {
          if (step.status === "CREATE_COMPLETE") created.add(step.logicalId);
          record(step);
        },
      });
      stack.source = source;
      stack.outputs = provisioned.outputs;
      stack.updatedAt = clock.now();
      status(stack, `${verb}_COMPLETE`);
      return provisioned;
    } catch (error) {
      const prefix = verb === "CREATE" ? "ROLLBACK" : "UPDATE_ROLLBACK";
      await rollBack(stack, { prefix, cause: error, created });
      throw error;
    }
  }

  async function rollBack(stack: Stack, { prefix, cause, created: rolledBack }: Failure): Promise<void> {
    status(stack, `${prefix}_IN_PROGRESS`, messageOf(cause));
    try {
      if (stack.source) await provisionAs(stack, stack.source, { rolledBack });
      else await deprovision(stack.resources, { names, rolledBack, onStep: onStep(stack), ...inRegion });
      status(stack, `${prefix}_COMPLETE`);
    } catch (error) {
      log(`The stack ${stack.name} could not be rolled back: ${String(error)}`);
      status(stack, `${prefix}_FAILED`, String(error));
    }
  }

  return {
    create: (stack, source) => run(stack, source, "CREATE"),
    update: (stack, source) => run(stack, source, "UPDATE"),
    async delete(stack) {
      status(stack, "DELETE_IN_PROGRESS", "User Initiated");
      try {
        await deprovision(stack.resources, { names, onStep: onStep(stack), ...inRegion });
      } catch (error) {
        return status(stack, "DELETE_FAILED", messageOf(error));
      }
      stack.deletedAt = clock.now();
      status(stack, "DELETE_COMPLETE");
    },
  };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
