import { randomUUID } from "node:crypto";
import type { Provisioned } from "../template/provision.ts";
import { AwsError } from "../wire/error.ts";
import { type ChangeSet, changesBetween, differs, NO_CHANGES } from "./change-set.ts";
import { importProblem } from "./import.ts";
import { StackRegistry } from "./registry.ts";
import type { TemplateSource } from "./source.ts";
import type { Stack } from "./stack.ts";
import { createStackOperations, type StackOperationDependencies } from "./stack-operation.ts";

/** `readTemplate` reads that of a nested stack. */
export type StacksDependencies = Omit<StackOperationDependencies, "add">;

/** A change set to be created. */
export interface NewChangeSet {
  readonly stack: string;
  readonly name: string;
  readonly type: "CREATE" | "UPDATE" | "IMPORT";
  readonly source: TemplateSource;
  /** Of an import: by logical id, the name of what is imported. */
  readonly imports?: ReadonlyMap<string, string>;
}

export interface Stacks {
  /** Of that name, or also a deleted one by its id. @throws {AwsError} ValidationError where there is none */
  find(nameOrId: string): Stack;
  /** Those that are not deleted. */
  list(): Stack[];
  /** Creates a stack and its resources. @throws {Error} naming what could not be created; all is rolled back */
  create(name: string, source: TemplateSource): Promise<Provisioned>;
  /** Updates a stack. @throws {Error} naming what could not be changed; all is rolled back */
  update(nameOrId: string, source: TemplateSource): Promise<Provisioned>;
  /** Starts what `create` does. @throws {AwsError} AlreadyExistsException */
  startCreate(name: string, source: TemplateSource): Stack;
  /** @throws {AwsError} ValidationError for a stack that does not exist or is busy, and where nothing would change */
  startUpdate(nameOrId: string, source: TemplateSource): Stack;
  /** @throws {AwsError} AlreadyExistsException, ValidationError */
  createChangeSet(input: NewChangeSet): { readonly stack: Stack; readonly changeSet: ChangeSet };
  /** @throws {AwsError} ChangeSetNotFoundException */
  changeSet(stack: string, name: string): { readonly stack: Stack; readonly changeSet: ChangeSet };
  startExecute(stack: string, changeSet: string): void;
  /** A stack that does not exist counts as deleted. */
  startDelete(nameOrId: string): void;
}

export function createStacks(dependencies: StacksDependencies): Stacks {
  const { clock } = dependencies;
  const registry = new StackRegistry(clock, dependencies.region);
  const operations = createStackOperations({
    ...dependencies,
    add: (name, parent) => registry.add(name, parent),
  });

  /** The caller has its answer before this ends; a failure stands in the stack's events. */
  const start = (work: () => Promise<unknown>) =>
    clock.background(async () => {
      await work().catch(() => {});
    });

  return {
    find: (nameOrId) => registry.find(nameOrId),
    list: () => registry.list(),
    create: (name, source) => operations.create(registry.add(name), source),
    update: (nameOrId, source) => operations.update(registry.findIdle(nameOrId), source),
    startCreate(name, source) {
      const stack = registry.add(name);
      start(() => operations.create(stack, source));
      return stack;
    },
    startUpdate(nameOrId, source) {
      const stack = registry.findIdle(nameOrId);
      if (!differs(stack.source?.template, source.template)) {
        throw new AwsError("ValidationError", "No updates are to be performed.");
      }
      start(() => operations.update(stack, source));
      return stack;
    },
    createChangeSet: (input) => createChangeSet(registry, input, clock.now()),
    changeSet: (stack, name) => registry.changeSet(stack, name),
    startExecute(stackName, name) {
      const { stack, changeSet } = registry.changeSet(stackName, name);
      refuseFailed(changeSet);
      const { source, imports } = changeSet;
      stack.changeSets.clear();
      start(() => {
        if (imports) return operations.import(stack, source, imports);
        return stack.source ? operations.update(stack, source) : operations.create(stack, source);
      });
    },
    startDelete(nameOrId) {
      if (!registry.findExisting(nameOrId)) return;
      const stack = registry.findIdle(nameOrId);
      start(() => operations.delete(stack));
    },
  };
}

function createChangeSet(registry: StackRegistry, input: NewChangeSet, now: number) {
  const { name, source, type, imports } = input;
  const isNew = type === "CREATE" || (type === "IMPORT" && !registry.findExisting(input.stack));
  const stack = isNew ? registry.inReview(input.stack) : registry.findIdle(input.stack);
  if (stack.changeSets.has(name)) {
    throw new AwsError("AlreadyExistsException", `ChangeSet ${name} already exists`);
  }
  const before = stack.source?.template;
  const refused = imports && importProblem(before, source.template, imports);
  const changeSet: ChangeSet = {
    id: stack.id.replace(":stack/", ":changeSet/").replace(/[^/]+\/[^/]+$/, `${name}/${randomUUID()}`),
    name,
    createdAt: now,
    source,
    changes: changesBetween(before, source.template).map((change) =>
      imports?.has(change.logicalId) ? { ...change, action: "Import" } : change,
    ),
    ...outcomeOf(refused ?? (differs(before, source.template) ? undefined : NO_CHANGES)),
    ...(imports && { imports }),
  };
  stack.changeSets.set(name, changeSet);
  return { stack, changeSet };
}

/** @param problem why the change set cannot be executed */
function outcomeOf(problem: string | undefined): Pick<ChangeSet, "status" | "reason"> {
  return problem === undefined ? { status: "CREATE_COMPLETE" } : { status: "FAILED", reason: problem };
}

function refuseFailed({ id, status }: ChangeSet): void {
  if (status !== "FAILED") return;
  const message = `ChangeSet [${id}] cannot be executed in its current status of [FAILED]`;
  throw new AwsError("InvalidChangeSetStatus", message, { queryCode: "InvalidChangeSetStatus" });
}
