import { randomUUID } from "node:crypto";
import type { SandboxClock } from "../clock.ts";
import type { ResourceType } from "../service.ts";
import { deprovision, type Provisioned, provision, type Step } from "../template/provision.ts";
import { AwsError } from "../wire/error.ts";
import { type ChangeSet, changesBetween, differs, NO_CHANGES } from "./change-set.ts";
import { createStack, isBusy, type Source, STACK_TYPE, type Stack } from "./stack.ts";

export interface StacksDependencies {
  readonly clock: SandboxClock;
  /** Every type the account's services can create. */
  readonly types: () => Readonly<Record<string, ResourceType>>;
  /** Told of a rollback that failed. */
  readonly log: (line: string) => void;
}

export interface Stacks {
  /** Of that name, or also a deleted one by its id. @throws {AwsError} ValidationError where there is none */
  find(nameOrId: string): Stack;
  /** Those that are not deleted. */
  list(): Stack[];
  /** Creates a stack and its resources. @throws {Error} naming what could not be created; all is taken back */
  create(name: string, source: Source): Promise<Provisioned>;
  /** Begins what `create` does. @throws {AwsError} AlreadyExistsException */
  beginCreate(name: string, source: Source): Stack;
  /** @throws {AwsError} ValidationError for a stack that is not there or busy, and where nothing would change */
  beginUpdate(nameOrId: string, source: Source): Stack;
  /** @throws {AwsError} AlreadyExistsException, ValidationError */
  createChangeSet(wanted: {
    readonly stack: string;
    readonly name: string;
    readonly type: "CREATE" | "UPDATE";
    readonly source: Source;
  }): { readonly stack: Stack; readonly changeSet: ChangeSet };
  /** @throws {AwsError} ChangeSetNotFoundException */
  changeSet(stack: string, name: string): { readonly stack: Stack; readonly changeSet: ChangeSet };
  beginExecute(stack: string, changeSet: string): void;
  /** A stack that is not there is gone already. */
  beginDelete(nameOrId: string): void;
}

type Verb = "CREATE" | "UPDATE";

export function createStacks({ clock, types, log }: StacksDependencies): Stacks {
  const stacks: Stack[] = [];
  return {
    find,
    list,
    create: (name, source) => run(added(name), source, "CREATE"),
    beginCreate(name, source) {
      const stack = added(name);
      begin(() => run(stack, source, "CREATE"));
      return stack;
    },
    beginUpdate(nameOrId, source) {
      const stack = changeable(nameOrId);
      if (!differs(stack.source?.template, source.template)) {
        throw new AwsError("ValidationError", "No updates are to be performed.");
      }
      begin(() => run(stack, source, "UPDATE"));
      return stack;
    },
    createChangeSet,
    changeSet,
    beginExecute(stackName, name) {
      const { stack, changeSet: wanted } = changeSet(stackName, name);
      if (wanted.status === "FAILED") {
        const message = `ChangeSet [${wanted.id}] cannot be executed in its current status of [FAILED]`;
        throw new AwsError("InvalidChangeSetStatus", message, { queryCode: "InvalidChangeSetStatus" });
      }
      const verb: Verb = stack.source ? "UPDATE" : "CREATE";
      stack.changeSets.clear();
      begin(() => run(stack, wanted.source, verb));
    },
    beginDelete(nameOrId) {
      const stack = stacks.find((one) => !one.deletedAt && (one.id === nameOrId || one.name === nameOrId));
      if (!stack) return;
      refuseWhileBusy(stack);
      begin(() => remove(stack));
    },
  };

  function list(): Stack[] {
    return stacks.filter(({ deletedAt }) => deletedAt === undefined);
  }

  function find(nameOrId: string): Stack {
    const found =
      list().find(({ name, id }) => name === nameOrId || id === nameOrId) ??
      stacks.find(({ id }) => id === nameOrId);
    if (found) return found;
    throw new AwsError("ValidationError", `Stack with id ${nameOrId} does not exist`);
  }

  function changeable(nameOrId: string): Stack {
    const stack = find(nameOrId);
    refuseWhileBusy(stack);
    return stack;
  }

  function refuseWhileBusy(stack: Stack): void {
    if (!isBusy(stack)) return;
    throw new AwsError(
      "ValidationError",
      `Stack:${stack.id} is in ${stack.status} state and can not be updated.`,
    );
  }

  function added(name: string): Stack {
    if (list().some((stack) => stack.name === name)) {
      throw new AwsError("AlreadyExistsException", `Stack [${name}] already exists`);
    }
    const stack = createStack(name, clock.now());
    stacks.push(stack);
    return stack;
  }

  function createChangeSet(wanted: Parameters<Stacks["createChangeSet"]>[0]) {
    const { name, source, type } = wanted;
    const stack = type === "CREATE" ? reviewed(wanted.stack) : changeable(wanted.stack);
    if (stack.changeSets.has(name)) {
      throw new AwsError("AlreadyExistsException", `ChangeSet ${name} already exists`);
    }
    const before = stack.source?.template;
    const nothing = !differs(before, source.template);
    const changeSet: ChangeSet = {
      id: stack.id.replace(":stack/", ":changeSet/").replace(/[^/]+\/[^/]+$/, `${name}/${randomUUID()}`),
      name,
      createdAt: clock.now(),
      source,
      changes: changesBetween(before, source.template),
      ...(nothing ? { status: "FAILED", reason: NO_CHANGES } : { status: "CREATE_COMPLETE" }),
    };
    stack.changeSets.set(name, changeSet);
    return { stack, changeSet };
  }

  /** A stack that is only reviewed yet: a first change set makes one. */
  function reviewed(name: string): Stack {
    const there = list().find((stack) => stack.name === name);
    if (there?.status === "REVIEW_IN_PROGRESS") return there;
    const stack = added(name);
    become(stack, "REVIEW_IN_PROGRESS", "User Initiated");
    return stack;
  }

  function changeSet(stackName: string, name: string) {
    const stack = find(stackName);
    const found = [...stack.changeSets.values()].find((one) => one.name === name || one.id === name);
    if (found) return { stack, changeSet: found };
    throw new AwsError("ChangeSetNotFound", `ChangeSet [${name}] does not exist`, {
      status: 404,
      queryCode: "ChangeSetNotFound",
    });
  }

  /** The caller has its answer before this ends; a failure stands in the stack's events. */
  function begin(work: () => Promise<unknown>): void {
    clock.background(async () => {
      await work().catch(() => {});
    });
  }

  async function run(stack: Stack, source: Source, verb: Verb): Promise<Provisioned> {
    become(stack, `${verb}_IN_PROGRESS`, "User Initiated");
    try {
      const provisioned = await provisionAs(stack, source);
      stack.source = source;
      stack.outputs = provisioned.outputs;
      stack.updatedAt = clock.now();
      become(stack, `${verb}_COMPLETE`);
      return provisioned;
    } catch (error) {
      await rollBack(stack, verb, error);
      throw error;
    }
  }

  async function rollBack(stack: Stack, verb: Verb, cause: unknown): Promise<void> {
    const prefix = verb === "CREATE" ? "ROLLBACK" : "UPDATE_ROLLBACK";
    become(stack, `${prefix}_IN_PROGRESS`, cause instanceof Error ? cause.message : String(cause));
    try {
      if (stack.source) await provisionAs(stack, stack.source);
      else await deprovision(stack.resources, (step) => tell(stack, step));
      become(stack, `${prefix}_COMPLETE`);
    } catch (error) {
      log(`The stack ${stack.name} could not be rolled back: ${String(error)}`);
      become(stack, `${prefix}_FAILED`, String(error));
    }
  }

  function provisionAs(stack: Stack, { template }: Source): Promise<Provisioned> {
    const { name: stackName, resources: existing } = stack;
    return provision(template, { types: types(), stackName, existing, tell: (step) => tell(stack, step) });
  }

  async function remove(stack: Stack): Promise<void> {
    become(stack, "DELETE_IN_PROGRESS", "User Initiated");
    try {
      await deprovision(stack.resources, (step) => tell(stack, step));
    } catch (error) {
      return become(stack, "DELETE_FAILED", error instanceof Error ? error.message : String(error));
    }
    stack.deletedAt = clock.now();
    become(stack, "DELETE_COMPLETE");
  }

  function become(stack: Stack, status: string, reason?: string): void {
    stack.status = status;
    stack.reason = reason;
    add(stack, { logicalId: stack.name, type: STACK_TYPE, ref: stack.id, status, ...(reason && { reason }) });
  }

  function tell(stack: Stack, step: Step): void {
    stack.changedAt.set(step.logicalId, clock.now());
    add(stack, step);
  }

  function add(stack: Stack, event: Omit<Stack["events"][number], "id" | "at">): void {
    stack.events.push({
      ...event,
      id: `${event.logicalId}-${event.status}-${randomUUID()}`,
      at: clock.now(),
    });
  }
}
