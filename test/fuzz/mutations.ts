import fc from "fast-check";

/**
 * Runs of each decoder: at least a thousand. `FUZZ_RUNS=100000 npx vitest run --project unit test/fuzz` looks for longer.
 */
export const RUNS = Number(process.env.FUZZ_RUNS ?? 1_000);

/** What a careless or hostile writer puts in the place of what is expected. */
const ODD: readonly unknown[] = [
  null,
  true,
  0,
  -1,
  1.5,
  1e308,
  "",
  " ",
  "0",
  "-1",
  "NaN",
  "1e999",
  "9".repeat(400),
  "2026-02-30T25:61:61Z",
  "\u0000\ud800\ufeff",
  "x".repeat(5_000),
  "__proto__",
  "{}",
  "[[",
  [],
  [[]],
  [null],
  {},
  { length: 5 },
  JSON.parse('{"__proto__":{"a":1},"constructor":null,"toString":1}'),
];

interface Edit {
  readonly at: number;
  readonly what: "replace" | "remove" | "repeat" | "rename";
  readonly value: unknown;
}

const edit: fc.Arbitrary<Edit> = fc.record({
  at: fc.nat(),
  what: fc.constantFrom<Edit["what"]>("replace", "replace", "replace", "remove", "repeat", "rename"),
  value: fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...ODD) }, fc.jsonValue({ maxDepth: 2 })),
});

/** One of the samples, with up to four of its values replaced, removed, repeated or put under another name. */
export function mutated(...samples: readonly unknown[]): fc.Arbitrary<unknown> {
  return fc
    .tuple(fc.constantFrom(...samples), fc.array(edit, { maxLength: 4 }))
    .map(([sample, edits]) =>
      edits.reduce<unknown>(
        (document, one) => edited(document, structuredClone(one)),
        structuredClone(sample),
      ),
    );
}

/** The same as JSON text, now and then cut off, or with other characters in it. */
export const mutatedText = (...samples: readonly unknown[]): fc.Arbitrary<string> =>
  fc.tuple(mutated(...samples), fc.option(spliced, { freq: 4 })).map(([value, splice]) => {
    const text = JSON.stringify(value) ?? "";
    return splice === null ? text : String(splice(Buffer.from(text)));
  });

/** One of the samples with up to four of its ranges replaced by other bytes. */
export const mutatedBytes = (...samples: readonly (string | Uint8Array)[]): fc.Arbitrary<Buffer> =>
  fc
    .tuple(fc.constantFrom(...samples), fc.array(spliced, { maxLength: 4 }))
    .map(([sample, splices]) =>
      splices.reduce<Buffer>((bytes, splice) => splice(bytes), Buffer.from(sample)),
    );

const spliced = fc
  .record({
    at: fc.nat(),
    removed: fc.nat({ max: 8 }),
    added: fc.oneof(
      fc.uint8Array({ maxLength: 6 }),
      fc
        .constantFrom(
          "\r\n",
          "\n\n",
          ",",
          '"',
          "{",
          "[",
          ":",
          "0",
          "-",
          "9999999999999",
          "\u0000",
          "%",
          "\\u",
          "é",
        )
        .map((text) => Buffer.from(text)),
    ),
  })
  .map(({ at, removed, added }) => (bytes: Buffer): Buffer => {
    const from = bytes.length === 0 ? 0 : at % (bytes.length + 1);
    return Buffer.concat([bytes.subarray(0, from), added, bytes.subarray(from + removed)]);
  });

type Container = Record<string, unknown> | unknown[];

/** Every value of the document, by what it stands in. */
function* valuesIn(value: unknown): Generator<{ readonly parent: Container; readonly name: string }> {
  if (typeof value !== "object" || value === null) return;
  const parent = value as Container;
  for (const name of Object.keys(parent)) {
    yield { parent, name };
    yield* valuesIn(Reflect.get(parent, name));
  }
}

function edited(document: unknown, { at, what, value }: Edit): unknown {
  const all = [...valuesIn(document)];
  const place = all[at % (all.length + 1)];
  if (place === undefined) return what === "replace" ? value : document;
  const { parent, name } = place;
  const isList = Array.isArray(parent);
  if (what === "replace") Reflect.set(parent, name, value);
  else if (what === "repeat" && isList) parent.push(parent[Number(name)]);
  else if (isList) parent.splice(Number(name), 1);
  else {
    const moved = parent[name];
    delete parent[name];
    if (what === "rename") parent[`${name}_`] = moved;
  }
  return document;
}
