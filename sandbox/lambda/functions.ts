import { AwsError } from "../wire/error.ts";
import { functionNameIn } from "./configuration.ts";
import type { LambdaFunction } from "./function.ts";

/** The functions of the account by their names. */
export class Functions {
  readonly #current = new Map<string, LambdaFunction>();
  /** Those that were replaced or deleted: their last runs may still be in progress. */
  readonly #retired: LambdaFunction[] = [];

  list(): LambdaFunction[] {
    return [...this.#current.values()];
  }

  /** @throws {AwsError} ResourceNotFoundException */
  find(nameOrArn: string): LambdaFunction {
    const found = this.#current.get(functionNameIn(nameOrArn));
    if (found) return found;
    throw new AwsError("ResourceNotFoundException", `Function not found: ${nameOrArn}`, { status: 404 });
  }

  /** Adds it, in place of one of the same name. */
  async put(created: LambdaFunction): Promise<void> {
    const { name } = created.configuration;
    await this.remove(name);
    this.#current.set(name, created);
  }

  async remove(name: string): Promise<void> {
    const existing = this.#current.get(name);
    if (!existing) return;
    this.#current.delete(name);
    this.#retired.push(existing);
    await existing.retire();
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#current.values(), ...this.#retired].map((one) => one.stop()));
  }
}
