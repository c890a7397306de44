import type { SandboxClock } from "../clock.ts";
import type { ResourceType } from "../service.ts";
import { deprovision, type Provisioned, provision, type Step } from "../template/provision.ts";
import type { TemplateSource } from "./source.ts";
import { addEvent, type Stack, setStatus } from "./stack.ts";

export interface StackOperationDependencies {
  readonly clock: SandboxClock;
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

export function createStackOperations(dependencies: StackOperationDependencies): StackOperations {
  const { clock, types, log } = dependencies;

  const status = (stack: Stack, value: string, reason?: string) =>
    setStatus(stack, clock.now(), value, reason);

  const onStep = (stack: Stack) => (step: Step) => {
    stack.changedAt.set(step.logicalId, clock.now());
    addEvent(stack, clock.now(), step);
  };

  const provisionAs = (stack: Stack, { template }: TemplateSource): Promise<Provisioned> =>
    provision(template, {
      types: types(),
      stackName: stack.name,
      existing: stack.resources,
      onStep: onStep(stack),
    });

  async function run(stack: Stack, source: TemplateSource, verb: "CREATE" | "UPDATE"): Promise<Provisioned> {
    status(stack, `${verb}_IN_PROGRESS`, "User Initiated");
    try {
      const provisioned = await provisionAs(stack, source);
      stack.source = source;
      stack.outputs = provisioned.outputs;
      stack.updatedAt = clock.now();
      status(stack, `${verb}_COMPLETE`);
      return provisioned;
    } catch (error) {
      await rollBack(stack, verb === "CREATE" ? "ROLLBACK" : "UPDATE_ROLLBACK", error);
      throw error;
    }
  }

  async function rollBack(stack: Stack, prefix: string, cause: unknown): Promise<void> {
    status(stack, `${prefix}_IN_PROGRESS`, messageOf(cause));
    try {
      if (stack.source) await provisionAs(stack, stack.source);
      else await deprovision(stack.resources, onStep(stack));
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
        await deprovision(stack.resources, onStep(stack));
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
