import type { AttributeValue } from "@aws-sdk/client-dynamodb";

/** An item as DynamoDB answers it. */
export type Item = Record<string, AttributeValue>;

/**
 * An item as it is sent: the bytes of DynamoDB's JSON, and where in them each attribute's value is. As objects it would take up to
 * 70 times the memory, and a batch holds thousands of items until they are written.
 */
export class EncodedItem {
  readonly names: readonly string[];
  /** `{"id":{"S":"text"}}`, in UTF-8. */
  readonly json: Buffer;
  readonly #bounds: readonly number[];

  /** @param bounds by the place of its name, the first byte of the value and the one behind it */
  constructor(names: readonly string[], json: Buffer, bounds: readonly number[]) {
    this.names = names;
    this.json = json;
    this.#bounds = bounds;
  }

  /** Each attribute's value, by the place of its name: views of `json`. */
  get values(): readonly Buffer[] {
    return this.names.map((_name, place) => this.#value(place));
  }

  /** The JSON of one attribute's value; `undefined` if it has none. */
  value(name: string): Buffer | undefined {
    const place = this.names.indexOf(name);
    return place === -1 ? undefined : this.#value(place);
  }

  /** The item as DynamoDB would answer it. */
  get attributes(): Item {
    return JSON.parse(this.json.toString());
  }

  #value(place: number): Buffer {
    return this.json.subarray(this.#bounds[2 * place], this.#bounds[2 * place + 1]);
  }
}
