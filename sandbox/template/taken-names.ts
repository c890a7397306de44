import type { Properties } from "../service.ts";
import { customName } from "./replacement.ts";

/**
 * The names that resources of templates have. One that is retained keeps its name, also when its stack is gone: a
 * second of that name cannot be created.
 */
export class TakenNames {
  readonly #taken = new Set<string>();

  /** @throws {Error} for a name that is taken, as CloudFormation says it */
  check(type: string, properties: Properties): void {
    const name = customName(type, properties);
    if (name === undefined || !this.#taken.has(key(type, name))) return;
    throw new Error(`Resource of type '${type}' with identifier '${name}' already exists.`);
  }

  take(type: string, properties: Properties): void {
    const name = customName(type, properties);
    if (name !== undefined) this.#taken.add(key(type, name));
  }

  release(type: string, properties: Properties): void {
    const name = customName(type, properties);
    if (name !== undefined) this.#taken.delete(key(type, name));
  }
}

const key = (type: string, name: string): string => `${type} ${name}`;
