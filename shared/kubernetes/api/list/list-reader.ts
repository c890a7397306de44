import * as z from "zod/mini";
import { behindComma, JsonFilter, keyEnd, skipSpace, skipValue, UNFINISHED, valueAt } from "./json-filter.ts";
import type { Kept } from "./kept.ts";

const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
const MIB = 2 ** 20;

/** etcd takes objects of 1.5 MiB; as JSON they are some times larger. */
const MAX_OBJECT_BYTES = 16 * MIB;

const metadataShape = z.object({
  resourceVersion: z.optional(z.string()),
  continue: z.optional(z.string()),
});

/** A list's own metadata. */
export type ListMetadata = z.infer<typeof metadataShape>;

/** Reads the JSON text of a list as it arrives; of its objects only what is kept is parsed. */
export class ListReader {
  readonly #kept: Kept;
  readonly #filter = new JsonFilter();
  /** What was not finished yet. */
  #text: Buffer = Buffer.alloc(0);
  /** With less text than this nothing is tried: a large object in many parts is not read again with each of them. */
  #enough = 0;
  #place: "start" | "members" | "items" | "end" = "start";
  /** Objects copied since they were last parsed. */
  #copied = 0;
  #metadata: ListMetadata = {};

  constructor(kept: Kept) {
    this.#kept = kept;
  }

  /**
   * The objects that end in this part of the text.
   *
   * @throws {SyntaxError} where the text is no list
   */
  read(part: Buffer): unknown[] {
    this.#text = this.#text.length === 0 ? part : Buffer.concat([this.#text, part]);
    return this.#text.length < this.#enough ? [] : this.#objects();
  }

  /**
   * The objects that are left when all text was read.
   *
   * @throws {SyntaxError} where the text ended before the list did
   */
  end(): unknown[] {
    const objects = this.#objects();
    if (this.#place !== "end") throw new SyntaxError("the list is cut off");
    return objects;
  }

  /** The list's own, as far as it was read. */
  get metadata(): ListMetadata {
    return this.#metadata;
  }

  #objects(): unknown[] {
    let at = 0;
    for (let next = 0; next !== UNFINISHED && this.#place !== "end"; ) {
      at = next;
      next = this.#place === "items" ? this.#readItem(at) : this.#readMember(at);
    }
    this.#text = this.#text.subarray(at);
    const left = this.#place === "end" ? 0 : this.#text.length;
    if (left > MAX_OBJECT_BYTES)
      throw new SyntaxError(`one object has more than ${MAX_OBJECT_BYTES / MIB} MiB`);
    this.#enough = left > MIB ? 2 * left : 0;
    if (this.#copied === 0) return [];
    this.#copied = 0;
    return JSON.parse(`[${this.#filter.take()}]`);
  }

  /** Reads the object at `at` of `items`, or their end. */
  #readItem(from: number): number {
    const text = this.#text;
    const at = skipSpace(text, from);
    if (at >= text.length) return UNFINISHED;
    if (text[at] === CLOSE_ARRAY) {
      const next = behindComma(text, at + 1, CLOSE_OBJECT);
      // At the end of the text it is not known yet whether a comma follows.
      if (next < text.length) this.#place = "members";
      return next < text.length ? next : UNFINISHED;
    }
    if (text[at] !== OPEN_OBJECT) throw new SyntaxError("expected an object in items");
    const before = this.#filter.length;
    const behind = this.#filter.copy(text, at, this.#kept);
    const next = behind === UNFINISHED ? text.length : behindComma(text, behind, CLOSE_ARRAY);
    if (next >= text.length) {
      this.#filter.cutTo(before);
      return UNFINISHED;
    }
    this.#copied += 1;
    return next;
  }

  /** Reads the list's beginning, its end, or one member that is no part of `items`. */
  #readMember(from: number): number {
    const text = this.#text;
    const at = skipSpace(text, from);
    if (at >= text.length) return UNFINISHED;
    if (this.#place === "start") {
      if (text[at] !== OPEN_OBJECT) throw new SyntaxError("expected an object");
      this.#place = "members";
      return at + 1;
    }
    if (text[at] === CLOSE_OBJECT) {
      this.#place = "end";
      return at + 1;
    }
    const behindKey = keyEnd(text, at);
    const value = valueAt(text, behindKey);
    if (value === UNFINISHED) return UNFINISHED;
    const key = text.toString("utf8", at + 1, behindKey - 1);
    if (key === "items" && text[value] === OPEN_ARRAY) {
      this.#place = "items";
      return skipSpace(text, value + 1);
    }
    const behind = skipValue(text, value);
    const next = behind === UNFINISHED ? text.length : behindComma(text, behind, CLOSE_OBJECT);
    if (next >= text.length) return UNFINISHED;
    if (key === "metadata") this.#metadata = metadataOf(text.toString("utf8", value, behind));
    return next;
  }
}

function metadataOf(text: string): ListMetadata {
  const parsed = metadataShape.safeParse(JSON.parse(text));
  if (!parsed.success) throw new SyntaxError("the list's metadata is not understood");
  return parsed.data;
}
