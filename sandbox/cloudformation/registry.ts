import type { Clock } from "../../shared/time/clock.ts";
import { AwsError } from "../wire/error.ts";
import type { ChangeSet } from "./change-set.ts";
import { createStack, isBusy, type Stack, setStatus } from "./stack.ts";

/** The stacks of the account, those that were deleted too. */
export class StackRegistry {
  readonly #clock: Clock;
  readonly #region: string | undefined;
  readonly #stacks: Stack[] = [];

  constructor(clock: Clock, region?: string) {
    this.#clock = clock;
    this.#region = region;
  }

  /** Those that are not deleted. */
  list(): Stack[] {
    return this.#stacks.filter(({ deletedAt }) => deletedAt === undefined);
  }

  findExisting(nameOrId: string): Stack | undefined {
    return this.list().find(({ name, id }) => name === nameOrId || id === nameOrId);
  }

  /** Of that name, or also a deleted one by its id. @throws {AwsError} ValidationError where there is none */
  find(nameOrId: string): Stack {
    const found = this.findExisting(nameOrId) ?? this.#stacks.find(({ id }) => id === nameOrId);
    if (found) return found;
    throw new AwsError("ValidationError", `Stack with id ${nameOrId} does not exist`);
  }

  /** @throws {AwsError} ValidationError where there is none, or an operation on it is in progress */
  findIdle(nameOrId: string): Stack {
    const stack = this.find(nameOrId);
    if (!isBusy(stack)) return stack;
    throw new AwsError(
      "ValidationError",
      `Stack:${stack.id} is in ${stack.status} state and can not be updated.`,
    );
  }

  /** @throws {AwsError} AlreadyExistsException */
  add(name: string, parent?: Stack): Stack {
    if (this.list().some((stack) => stack.name === name)) {
      throw new AwsError("AlreadyExistsException", `Stack [${name}] already exists`);
    }
    const stack = createStack(name, this.#clock.now(), {
      ...(this.#region !== undefined && { region: this.#region }),
      ...(parent && { parent }),
    });
    this.#stacks.push(stack);
    return stack;
  }

  /** A stack that is only in review yet: a first change set creates one. */
  inReview(name: string): Stack {
    const existing = this.findExisting(name);
    if (existing?.status === "REVIEW_IN_PROGRESS") return existing;
    const stack = this.add(name);
    setStatus(stack, this.#clock.now(), "REVIEW_IN_PROGRESS", "User Initiated");
    return stack;
  }

  /** @throws {AwsError} ChangeSetNotFoundException */
  changeSet(stackName: string, name: string): { readonly stack: Stack; readonly changeSet: ChangeSet } {
    const stack = this.find(stackName);
    const found = [...stack.changeSets.values()].find((one) => one.name === name || one.id === name);
    if (found) return { stack, changeSet: found };
    throw new AwsError("ChangeSetNotFound", `ChangeSet [${name}] does not exist`, {
      status: 404,
      queryCode: "ChangeSetNotFound",
    });
  }
}
