import type { AttributeValue } from "@aws-sdk/client-dynamodb";

/** An item as DynamoDB answers it. */
export type Item = Record<string, AttributeValue>;

/**
 * An item as it is sent: each attribute's value as the JSON that DynamoDB takes. A value as objects takes up to 70 times
 * the memory of its text, and a batch holds thousands of items until they are written.
 */
export interface EncodedItem {
  readonly names: readonly string[];
  /** By the place of its name: `{"S":"text"}`. */
  readonly values: readonly string[];
}

/** The item as one JSON object. */
export function itemText({ names, values }: EncodedItem): string {
  let text = "{";
  for (let index = 0; index < names.length; index += 1) {
    text += `${index === 0 ? "" : ","}${JSON.stringify(names[index])}:${values[index]}`;
  }
  return `${text}}`;
}

/**
 * Bytes of its values in UTF-8, of short ones their characters, which are counted faster: what they take in a request, and up to
 * twice that in memory.
 */
export function textBytes({ values }: EncodedItem): number {
  let bytes = 0;
  for (const value of values) bytes += value.length < SHORT ? value.length : Buffer.byteLength(value);
  return bytes;
}

const SHORT = 256;

/** The item as DynamoDB would answer it. */
export function attributesOf(item: EncodedItem): Item {
  return JSON.parse(itemText(item));
}

/** The JSON of one attribute's value. */
export function valueText({ names, values }: EncodedItem, name: string): string | undefined {
  return values[names.indexOf(name)];
}
