import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { unzipSync } from "fflate";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { bundleFunction, zipOf } from "../../../scripts/bundle/bundle-function.ts";

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "reflex-bundle-"));
  mkdirSync(join(root, "functions", "one"), { recursive: true });
  write("functions/one/word.ts", 'export const word: string = "found";');
  write(
    "functions/one/handler.ts",
    'import { word } from "./word.ts"; export const handler = () => word + process.env.CONFIG;',
  );
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const write = (file: string, text: string) => writeFileSync(join(root, file), text);
const bundled = (handler = "functions/one/handler.handler") =>
  bundleFunction(root, handler, { "process.env.CONFIG": '"!"' });

describe("a function's bundle", () => {
  it("is one module with all it imports, and what was defined in the place of its variable", async () => {
    const { path, code } = await bundled();
    const module = { exports: {} as { handler?: () => string } };
    new Function("module", code)(module);
    expect([path, module.exports.handler?.()]).toEqual(["functions/one/handler.js", "found!"]);
  });

  it("names the file that cannot be bundled", async () => {
    write("functions/one/handler.ts", 'import "./gone.ts";');
    await expect(bundled()).rejects.toThrow(/functions\/one\/handler\.ts.*Could not resolve "\.\/gone\.ts"/s);
  });
});

describe("its zip", () => {
  it("holds the module where Lambda looks for the handler", async () => {
    const bundle = await bundled();
    const files = unzipSync(zipOf(bundle));
    expect(Object.entries(files).map(([name, bytes]) => [name, Buffer.from(bytes).toString()])).toEqual([
      [bundle.path, bundle.code],
    ]);
  });

  it("may be read by every user of the system it is unpacked on", async () => {
    const zip = Buffer.from(zipOf(await bundled()));
    const directory = zip.indexOf("PK\x01\x02", 0, "latin1");
    const madeOn = zip.readUInt8(directory + 5);
    const permissions = zip.readUInt32LE(directory + 38) >>> 16;
    expect([madeOn, permissions.toString(8)]).toEqual([3, "100644"]);
  });

  it("is the same, byte for byte, for the same code: a deploy without changes uploads nothing", async () => {
    const [first, second] = [zipOf(await bundled()), zipOf(await bundled())];
    expect(Buffer.compare(Buffer.from(first), Buffer.from(second))).toBe(0);
  });
});
