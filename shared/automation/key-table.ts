/** What one key of the config means. */
export interface KeyMeaning {
  /** One or two sentences in Markdown. Empty where the name says it all. */
  readonly meaning: string;
  /** What holds when the key is left out, where the schema has no value to show: `the machine's`, `by prefer`. */
  readonly default?: string;
}

/** The keys of one place in a section, in the order of the README's table. */
export interface KeyTable {
  /** The table stands in the automation's README between `<!-- keys-<marker>:begin -->` and `:end`. */
  readonly marker: string;
  /** Where the keys stand in the section: `*` for any name, `tables.*`, or empty for the section itself. */
  readonly at: string;
  /** By key; a key of an object inside is `shardCapacity.bytesPerSecond`. */
  readonly keys: Readonly<Record<string, KeyMeaning>>;
}
