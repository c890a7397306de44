import { describe, expect, it } from "vitest";
import {
  insertStatement,
  replaceStatement,
} from "../../../../functions/ingest-events/write/conditional/statements.ts";
import { encodedItem, storedItem } from "../dynamo-answers.ts";
import { LATEST } from "../policies.ts";
import { writesOf } from "../writes.ts";

const POLICY = { ...LATEST, table: "landed" };
const writeOf = (names: readonly string[]) => {
  const [write] = writesOf([{ id: "a", v: 2 }], LATEST);
  if (!write) throw new Error("the event is no write");
  const item = encodedItem(Object.fromEntries(names.map((name) => [name, { S: name.slice(0, 1) }])));
  return { ...write, item };
};
const said = (statement: Buffer | undefined) => statement && JSON.parse(statement.toString());
const replaced = (names: readonly string[], stored: readonly string[]) =>
  said(
    replaceStatement(
      writeOf(names),
      POLICY,
      storedItem(Object.fromEntries(stored.map((name) => [name, { S: `old ${name}` }]))),
    ),
  );

describe("a statement that adds an item", () => {
  const inserted = (...names: readonly string[]) => said(insertStatement(writeOf(names), "landed"));

  it("has a parameter for each attribute, in their order", () => {
    expect(inserted("id", "x")).toEqual({
      Statement: `INSERT INTO "landed" VALUE {'id':?,'x':?}`,
      Parameters: [{ S: "i" }, { S: "x" }],
    });
  });

  it.each(["a-b", "a_b", "A9", "9"])("says the name %s", (name) => {
    expect(inserted("id", name)?.Statement).toContain(`'${name}':?`);
  });

  it.each(["a.b", "a b", "it's", 'a"', "é", "", "?a", "a\n"])("is none with the name %j", (name) => {
    expect(inserted("id", name)).toBeUndefined();
  });

  it("is none that is longer than DynamoDB takes, nor of more names than have room", () => {
    const around = `INSERT INTO "landed" VALUE {'':?}`.length;
    expect(inserted("n".repeat(8_192 - around))?.Statement).toHaveLength(8_192);
    expect(inserted("n".repeat(8_193 - around))).toBeUndefined();
    const many = Array.from({ length: 1_638 }, (_, at) => at.toString(36));
    expect(inserted(...many)).toBeUndefined();
  });
});

describe("a statement that puts an item in the place of an older one", () => {
  it("sets what is new, removes what only the old one has, and holds on to the version that was read", () => {
    expect(replaced(["id", "v", "_version"], ["id", "v", "old", "_version", "older"])).toEqual({
      Statement:
        'UPDATE "landed" SET "v"=? SET "_version"=? REMOVE "old" REMOVE "older" WHERE "id"=? AND "_version"=?',
      Parameters: [{ S: "v" }, { S: "_" }, { S: "i" }, { S: "old _version" }],
    });
  });

  it("is none where a name of either is unusual", () => {
    expect(replaced(["id", "a.b", "_version"], ["id", "_version"])).toBeUndefined();
    expect(replaced(["id", "_version"], ["id", "a.b", "_version"])).toBeUndefined();
  });

  it("is none of more names than have room, and none without a version", () => {
    const many = (count: number, prefix: string) =>
      Array.from({ length: count }, (_, at) => `${prefix}${at}`);
    expect(replaced(many(820, "a"), many(820, "b"))).toBeUndefined();
    const read = storedItem({ id: { S: "a" } });
    expect(replaceStatement(writeOf(["id"]), { ...POLICY, version: undefined }, read)).toBeUndefined();
  });
});
