import { messageOf } from "../../shared/errors/message-of.ts";
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
import { AwsError } from "../wire/error.ts";
import { type NestedStackDependencies, nestedStackType } from "./nested-stack.ts";
import { MOST_IN_AN_OPERATION } from "./quotas.ts";
import type { TemplateSource } from "./source.ts";
import { addEvent, rootOf, STACK_TYPE, type Stack, setStatus } from "./stack.ts";

export interface StackOperationDependencies {
  readonly clock: SandboxClock;
  /** The default region where absent. */
  readonly region?: string;
  /** The names that are taken, in this account or in all of AWS. */
  readonly names?: TakenNames;
  /** Every type the account's services can create. */
  readonly types: () => Readonly<Record<string, ResourceType>>;
  /** Makes a nested stack known. */
  readonly add: (name: string, parent: Stack) => Stack;
  /** Reads the template of a nested stack. */
  readonly readTemplate: (url: string) => TemplateSource;
  /** Gets a line for a roll-back that failed. */
  readonly log: (line: string) => void;
}

/** What is done to a stack's resources, with the events that CloudFormation writes about it. */
export interface StackOperations {
  create(stack: Stack, source: TemplateSource): Promise<Provisioned>;
  /** @param rolledBack of a nested stack: what its last operation created, where the one above takes that back */
  update(stack: Stack, source: TemplateSource, rolledBack?: ReadonlySet<string>): Promise<Provisioned>;
  delete(stack: Stack, rolledBack?: ReadonlySet<string>): Promise<void>;
  /** @param imports by logical id, the name of what is imported */
  import(stack: Stack, source: TemplateSource, imports: ReadonlyMap<string, string>): Promise<Provisioned>;
}

/** An operation that failed. */
interface Failure {
  readonly prefix: "ROLLBACK" | "UPDATE_ROLLBACK" | "IMPORT_ROLLBACK";
  readonly cause: unknown;
  /** The logical ids of what it had created by then. */
  readonly created: ReadonlySet<string>;
}

interface Operation {
  readonly verb: "CREATE" | "UPDATE" | "IMPORT";
  /** Whose creation it takes back. */
  readonly rolledBack?: ReadonlySet<string>;
  readonly imports?: ReadonlyMap<string, string>;
}

export function createStackOperations(dependencies: StackOperationDependencies): StackOperations {
  const { clock, types, log, region, names = new TakenNames() } = dependencies;
  const inRegion = region === undefined ? {} : { region };

  const status = (stack: Stack, value: string, reason?: string) =>
    setStatus(stack, clock.now(), value, reason);

  /** What each operation has begun to create or change, by the stack that is in no other. */
  const begun = new WeakMap<Stack, number>();

  const onStep = (stack: Stack) => (step: Step) => {
    stack.changedAt.set(step.logicalId, clock.now());
    addEvent(stack, clock.now(), step);
  };

  /** @throws {AwsError} for a resource that is one too many for an operation */
  const count = (stack: Stack) => {
    const root = rootOf(stack);
    const inAll = (begun.get(root) ?? 0) + 1;
    begun.set(root, inAll);
    if (inAll > MOST_IN_AN_OPERATION) {
      const message = `Limit exceeded: a stack and those nested in it may change ${MOST_IN_AN_OPERATION} resources in one operation`;
      throw new AwsError("LimitExceededException", message);
    }
  };

  const provisionAs = (
    stack: Stack,
    { template }: TemplateSource,
    more: Pick<ProvisionOptions, "onStep" | "rolledBack" | "imports">,
  ): Promise<Provisioned> =>
    provision(template, {
      types: { ...types(), [STACK_TYPE]: nestedStackType(stack, nestedDependencies) },
      stackName: stack.name,
      parameters: stack.parameters,
      ...inRegion,
      existing: stack.resources,
      names,
      onStep: onStep(stack),
      ...more,
    });

  async function run(
    stack: Stack,
    source: TemplateSource,
    { verb, rolledBack = new Set(), imports = new Map() }: Operation,
  ): Promise<Provisioned> {
    status(stack, `${verb}_IN_PROGRESS`, "User Initiated");
    const created = new Set<string>();
    const record = onStep(stack);
    if (!stack.parent) begun.delete(stack);
    stack.lastCreated = created;
    try {
      const provisioned = await provisionAs(stack, source, {
        onStep: (step) => {
          if (/^(?:CREATE|UPDATE)_IN_PROGRESS$/.test(step.status)) count(stack);
          if (step.status === "CREATE_COMPLETE") created.add(step.logicalId);
          record(step);
        },
        rolledBack,
        imports,
      });
      stack.notSimulated = provisioned.notSimulated;
      stack.source = source;
      stack.outputs = provisioned.outputs;
      stack.updatedAt = clock.now();
      status(stack, `${verb}_COMPLETE`);
      return provisioned;
    } catch (error) {
      const prefix = verb === "CREATE" ? "ROLLBACK" : (`${verb}_ROLLBACK` as const);
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

  const operations: StackOperations = {
    create: (stack, source) => run(stack, source, { verb: "CREATE" }),
    update: (stack, source, rolledBack) =>
      run(stack, source, { verb: "UPDATE", ...(rolledBack && { rolledBack }) }),
    import: (stack, source, imports) => run(stack, source, { verb: "IMPORT", imports }),
    async delete(stack, rolledBack = new Set()) {
      status(stack, "DELETE_IN_PROGRESS", "User Initiated");
      try {
        await deprovision(stack.resources, { names, rolledBack, onStep: onStep(stack), ...inRegion });
      } catch (error) {
        return status(stack, "DELETE_FAILED", messageOf(error));
      }
      stack.deletedAt = clock.now();
      status(stack, "DELETE_COMPLETE");
    },
  };
  const nestedDependencies: NestedStackDependencies = {
    ...operations,
    add: dependencies.add,
    read: dependencies.readTemplate,
  };
  return operations;
}
