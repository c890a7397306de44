import { inCalls } from "../aws/in-calls.ts";
import { inParallel } from "../aws/in-parallel.ts";
import { refKey, type SecretRef } from "./secret-ref.ts";

/** Reads secrets from where they are kept. */
export interface SecretSource {
  /** By name; a parameter that cannot be read is not in the map. Up to ten names. */
  parameters(names: readonly string[], signal: AbortSignal): Promise<ReadonlyMap<string, string>>;
  /** The secret's text. */
  secret(name: string, signal: AbortSignal): Promise<string>;
}

/** The secrets of one run, read. */
export interface Credentials {
  /** @throws {UnreadableSecret} when it could not be read */
  valueOf(ref: SecretRef): string;
}

/** A secret that could not be read, and why: it names the reference, never a value. */
export class UnreadableSecret extends Error {
  override readonly name = "UnreadableSecret";
}

/** SSM's GetParameters takes so many names. */
const NAMES_A_CALL = 10;
const CALLS_AT_ONCE = 5;
/** A rotated secret is used after so long; meanwhile a warm function need not ask each minute. */
const KEEP_MS = 5 * 60_000;

type Read = { readonly value: string; readonly at: number } | { readonly problem: string };

/** Reads secrets and keeps them for some minutes. */
export interface CredentialCache {
  /** Reads what of `refs` is not known yet. `now` is ms since the epoch. */
  read(refs: readonly SecretRef[], now: number, signal: AbortSignal): Promise<Credentials>;
}

/**
 * Keeps secrets for five minutes in the process, never anywhere else. One that cannot be read is the fault of what
 * needs it, and stops nothing else.
 */
export function createCredentials(source: SecretSource): CredentialCache {
  return new KeptCredentials(source);
}

class KeptCredentials implements CredentialCache {
  readonly #source: SecretSource;
  readonly #kept = new Map<string, Read>();

  constructor(source: SecretSource) {
    this.#source = source;
  }

  async read(refs: readonly SecretRef[], now: number, signal: AbortSignal): Promise<Credentials> {
    this.#dropOld(now);
    const byKey = new Map(refs.map((ref) => [refKey(ref), ref]));
    const missing = [...byKey.values()].filter((ref) => !this.#kept.has(refKey(ref)));
    await this.#readParameters(
      missing.flatMap((ref) => ("ssm" in ref ? [ref.ssm] : [])),
      now,
      signal,
    );
    const secrets = missing.filter((ref) => "secret" in ref);
    await inParallel(secrets, CALLS_AT_ONCE, async (ref) => {
      this.#kept.set(refKey(ref), await readSecret(this.#source, ref, now, signal));
    });
    return { valueOf: (ref) => this.#valueOf(ref) };
  }

  #dropOld(now: number): void {
    for (const [key, read] of this.#kept) {
      if ("problem" in read || now - read.at >= KEEP_MS) this.#kept.delete(key);
    }
  }

  async #readParameters(names: readonly string[], at: number, signal: AbortSignal): Promise<void> {
    await inParallel(inCalls(names, NAMES_A_CALL), CALLS_AT_ONCE, async (group) => {
      const found = await this.#source.parameters(group, signal).catch(asProblem);
      for (const name of group) this.#kept.set(refKey({ ssm: name }), parameterIn(found, name, at));
    });
  }

  #valueOf(ref: SecretRef): string {
    const read = this.#kept.get(refKey(ref));
    if (read && "value" in read) return read.value;
    throw new UnreadableSecret(read?.problem ?? `${refKey(ref)} was not read`);
  }
}

function parameterIn(found: ReadonlyMap<string, string> | string, name: string, at: number): Read {
  if (typeof found === "string") return { problem: `the parameter ${name} cannot be read: ${found}` };
  const value = found.get(name);
  return value === undefined ? { problem: `the parameter ${name} cannot be read` } : { value, at };
}

async function readSecret(
  source: SecretSource,
  ref: Extract<SecretRef, { secret: string }>,
  at: number,
  signal: AbortSignal,
): Promise<Read> {
  try {
    const text = await source.secret(ref.secret, signal);
    if (ref.key === undefined) return { value: text, at };
    const value = keyOf(text, ref.key);
    return value === undefined
      ? { problem: `the secret ${ref.secret} has no key ${ref.key}` }
      : { value, at };
  } catch (error) {
    return { problem: `the secret ${ref.secret} cannot be read: ${asProblem(error)}` };
  }
}

function keyOf(text: string, key: string): string | undefined {
  try {
    const document: unknown = JSON.parse(text);
    if (typeof document !== "object" || document === null || !Object.hasOwn(document, key)) return undefined;
    const value: unknown = Reflect.get(document, key);
    return typeof value === "string" ? value : undefined;
  } catch {
    return undefined;
  }
}

/** The error's name only: a message might quote what was asked for or answered. */
function asProblem(error: unknown): string {
  return error instanceof Error ? error.name : "an unknown error";
}
