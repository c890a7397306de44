import { join } from "node:path";
import { afterEach, describe, expect, it, vi } from "vitest";
import * as z from "zod/mini";
import { loadConfig } from "../../../shared/config/load.ts";
import { parseConfigFile } from "../../../shared/config/read-file.ts";
import { Misconfigured } from "../../../shared/lambda/errors.ts";
import { folderWith } from "./folder.ts";

const policies = z.record(
  z.string().check(z.regex(/^[a-z*-]+$/)),
  z.strictObject({
    max: z.int().check(z.gte(1), z.lte(10)),
    share: z._default(z.number().check(z.gt(0), z.lt(1)), 0.5),
    mode: z.optional(z.enum(["act", "observe"])),
    tags: z.optional(z.array(z.string()).check(z.minLength(1))),
  }),
);

const folders: { remove(): void }[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) folder.remove();
  vi.unstubAllEnvs();
});

/** Loads the section `streams` of a file with this text. */
async function load(text: string) {
  const folder = folderWith({ "dev.yml": text });
  folders.push(folder);
  const path = join(folder.path, "dev.yml");
  return loadConfig("streams", policies, { REFLEX_CONFIG: path }).catch((error: unknown) => {
    // Messages name the file as it was given.
    if (error instanceof Error) error.message = error.message.replaceAll(path, "dev.yml");
    throw error;
  });
}

/** The problems that loading finds, one a line, without the last line that says the consequence. */
async function problemsIn(text: string): Promise<string[]> {
  const error: unknown = await load(text).catch((caught: unknown) => caught);
  if (!(error instanceof Misconfigured)) throw new Error(`it was found to be right, or: ${error}`);
  const lines = error.message.split("\n");
  expect(lines.pop()).toBe("Nothing is managed until this is corrected");
  return lines;
}

const withoutPlace = (problem: string): string => problem.replace(/:\d+:\d+: /, ": ");

describe("a config that is right", () => {
  it("is the section with its defaults, and the mode", async () => {
    expect(await load("mode: observe\nstreams:\n  orders: { max: 4 }\n")).toEqual({
      mode: "observe",
      policies: { orders: { max: 4, share: 0.5 } },
    });
  });

  it.each([
    ["no such section", "notify: {}\n"],
    ["an empty section", "streams:\n"],
  ])("may have %s: then nothing is managed, in mode observe", async (_, text) => {
    expect(await load(text)).toEqual({ mode: "observe", policies: {} });
  });
});

describe("a config with something wrong in it", () => {
  it.each([
    ["a missing key", "orders: {}", "streams.orders.max: is missing, expected a number"],
    ["a wrong type", "orders: { max: many }", 'streams.orders.max: found "many", expected a number'],
    ["a broken number", "orders: { max: 1.5 }", "streams.orders.max: found 1.5, expected a whole number"],
    ["too much", "orders: { max: 11 }", "streams.orders.max: found 11, expected at most 10"],
    ["too little", "orders: { max: 0 }", "streams.orders.max: found 0, expected at least 1"],
    [
      "the bound itself where it is excluded",
      "orders: { max: 1, share: 1 }",
      "streams.orders.share: found 1, expected less than 1",
    ],
    [
      "an unknown word",
      "orders: { max: 1, mode: dry }",
      'streams.orders.mode: found "dry", expected "act" or "observe"',
    ],
    [
      "too few entries",
      "orders: { max: 1, tags: [] }",
      "streams.orders.tags: found [], expected at least 1 entries",
    ],
    [
      "a place in a list",
      "orders: { max: 1, tags: [a, 2] }",
      "streams.orders.tags.1: found 2, expected a text",
    ],
    [
      "an unknown key",
      "orders: { max: 1, maks: 2 }",
      "streams.orders.maks: is no key here, expected one of max, share, mode, tags",
    ],
    [
      "a name that is not allowed",
      "Orders!: { max: 1 }",
      "streams.Orders!: the name is not allowed, expected what matches /^[a-z*-]+$/",
    ],
    ["a policy that is none", "orders: 4", "streams.orders: found 4, expected keys with values"],
  ])("%s: the path, what was found, what was expected", async (_, entry, problem) => {
    expect((await problemsIn(`streams:\n  ${entry}\n`)).map(withoutPlace)).toEqual([`dev.yml: ${problem}`]);
  });

  it("says all of it at once", async () => {
    vi.stubEnv("REFLEX_SECTIONS", JSON.stringify(["mode", "notify", "streams"]));
    const problems = await problemsIn(
      ["mode: dry", "strems: {}", "streams:", "  orders: { max: 0 }", "  clicks: { max: 99, maks: 1 }"].join(
        "\n",
      ),
    );
    expect(problems).toEqual([
      "dev.yml:2:1: strems: is no section, did you mean streams?",
      'dev.yml:1:1: mode: found "dry", expected "act" or "ask" or "observe"',
      "dev.yml:4:13: streams.orders.max: found 0, expected at least 1",
      "dev.yml:5:13: streams.clicks.max: found 99, expected at most 10",
      "dev.yml:5:22: streams.clicks.maks: is no key here, expected one of max, share, mode, tags",
    ]);
  });

  it("does not quote a long value in full", async () => {
    const [problem = ""] = await problemsIn(`streams:\n  orders: { max: ${"x".repeat(500)} }\n`);
    expect(problem.length).toBeLessThan(150);
  });
});

describe("a file that is no config", () => {
  it.each([
    ["no YAML", "streams: [", /dev\.yml:1:\d+: is not YAML/],
    ["the same key twice", "streams: {}\nstreams: {}", /dev\.yml:2:1: found the key streams twice/],
    ["a list", "- orders", /dev\.yml: found a list, expected sections such as `mode`/],
    ["a text", "orders", /dev\.yml: found a string/],
  ])("%s", async (_, text, said) => {
    await expect(load(text)).rejects.toThrow(said);
    await expect(load(text)).rejects.toBeInstanceOf(Misconfigured);
  });

  it("but a file that is not there names the file and the reason", async () => {
    const missing = loadConfig("streams", policies, { REFLEX_STAGE: "nowhere" });
    await expect(missing).rejects.toThrow(/^config\/nowhere\.yml: cannot be read: ENOENT/);
  });
});

describe("where the config is", () => {
  const text = (name: string) => `streams:\n  ${name}: { max: 1 }\n`;
  const namesIn = async (env: Parameters<typeof loadConfig>[2]) =>
    Object.keys((await loadConfig("streams", policies, env)).policies);

  it("is config/<stage>.yml of the working directory, dev where no stage is named", async () => {
    const folder = folderWith({ "config/prod.yml": text("prod"), "config/dev.yml": text("dev") });
    folders.push(folder);
    vi.spyOn(process, "cwd").mockReturnValue(folder.path);
    expect(await namesIn({ REFLEX_STAGE: "prod" })).toEqual(["prod"]);
    expect(await namesIn({})).toEqual(["dev"]);
    vi.restoreAllMocks();
  });

  it("is what REFLEX_CONFIG names: a file, or a folder with one for each stage", async () => {
    const folder = folderWith({ "prod.yml": text("prod"), "other.yml": text("other") });
    folders.push(folder);
    expect(await namesIn({ REFLEX_CONFIG: join(folder.path, "other.yml") })).toEqual(["other"]);
    expect(await namesIn({ REFLEX_CONFIG: folder.path, REFLEX_STAGE: "prod" })).toEqual(["prod"]);
  });

  it("is in the bundle of a packaged function, and a JSON file that REFLEX_CONFIG names takes precedence", async () => {
    const folder = folderWith({
      "other.json": '{ "streams": { "other": { "max": 1 } } }',
      "wrong.json": "{",
    });
    folders.push(folder);
    const packaged = { name: "config/prod.yml", document: { streams: { packaged: { max: 1 } } } };
    vi.stubEnv("REFLEX_PACKAGED_CONFIG", JSON.stringify(packaged));
    expect(await namesIn({ REFLEX_STAGE: "prod" })).toEqual(["packaged"]);
    expect(await namesIn({ REFLEX_CONFIG: join(folder.path, "other.json") })).toEqual(["other"]);
    await expect(namesIn({ REFLEX_CONFIG: join(folder.path, "wrong.json") })).rejects.toThrow(
      /wrong\.json: cannot be read \(.*JSON.*\): nothing is managed/,
    );
  });
});

describe("a file's sections", () => {
  it("are what stands in it, before anything is checked", () => {
    expect(parseConfigFile("streams: { orders: 1 }\nsites: [x]\n", "dev.yml")).toMatchObject({
      name: "dev.yml",
      sections: { streams: { orders: 1 }, sites: ["x"] },
    });
  });
});
