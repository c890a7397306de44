import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { LEAVE_OUT } from "../../../scripts/bundle/plugins.ts";

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "reflex-plugins-"));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

/** Writes a package, as npm would install it. */
function installed(file: string, text: string): void {
  const path = join(root, "node_modules", file);
  mkdirSync(join(path, ".."), { recursive: true });
  writeFileSync(path, text);
}

async function bundled(source: string): Promise<string> {
  const { outputFiles } = await build({
    ...{ stdin: { contents: source, resolveDir: root, loader: "ts" }, plugins: [...LEAVE_OUT] },
    ...{ bundle: true, minify: true, platform: "node", format: "cjs", write: false, logLevel: "silent" },
    mainFields: ["module", "main"],
    // A function made of text can import nothing.
    supported: { "dynamic-import": false },
  });
  return outputFiles[0]?.text ?? "";
}

/** What the bundle exports, where every package that is not in it is `runtime`. */
function exportsOf(
  code: string,
  runtime: object = {},
): Readonly<Record<string, (...args: unknown[]) => unknown>> {
  const module = { exports: {} };
  const own = createRequire(import.meta.url);
  const require = (name: string) => (/^@|cls-hooked/.test(name) ? runtime : own(name));
  new Function("module", "exports", "require", code)(module, module.exports, require);
  return module.exports;
}

describe("an AWS package", () => {
  beforeEach(() => {
    installed("@aws-sdk/client-x/index.js", 'exports.X = "bundled";');
    installed("@smithy/y/index.js", 'exports.Y = "bundled";');
    installed("other/index.js", 'exports.Z = "bundled";');
  });

  it.each([
    ["@aws-sdk/client-x", "X"],
    ["@smithy/y", "Y"],
  ])("that is imported by import() comes from the runtime: %s", async (name, key) => {
    const code = await bundled(`export const load = async () => (await import("${name}")).${key};`);
    expect(code).not.toContain("bundled");
    await expect(exportsOf(code, { [key]: "of the runtime" }).load?.()).resolves.toBe("of the runtime");
  });

  it("that is imported as any other is in the bundle", async () => {
    const code = await bundled('import { X } from "@aws-sdk/client-x"; export const load = () => X;');
    expect(exportsOf(code).load?.()).toBe("bundled");
  });

  it("alone comes from the runtime, which has no others", async () => {
    expect(await bundled('export const load = async () => (await import("other")).Z;')).toContain("bundled");
  });
});

describe("what is never called", () => {
  it("is not loaded with event streams: a client's configuration is as it was", async () => {
    const code = await bundled(
      'import { eventStreamSerdeProvider as p, resolveEventStreamSerdeConfig as r } from "@smithy/core/event-streams"; export const load = (c) => [p(), r(c)];',
    );
    const config = { region: "eu-west-1" };
    expect(exportsOf(code).load?.(config)).toEqual([undefined, config]);
  });

  it("is not loaded with HTTP/2, and says so where it is called after all", async () => {
    const code = await bundled(
      'import http2 from "node:http2"; export const load = () => http2.constants; export const call = () => http2.connect("");',
    );
    expect(code).not.toContain("require");
    expect(exportsOf(code).load?.()).toEqual({});
    expect(() => exportsOf(code).call?.()).toThrow("HTTP/2 is not in the bundle");
  });

  it.each(["cls-hooked", "cls-hooked/context"])("is not loaded with X-Ray: %s", async (name) => {
    installed(`${name}${name.includes("/") ? ".js" : "/index.js"}`, 'module.exports = { hooks: "bundled" };');
    const code = await bundled(`import cls from "${name}"; export const load = () => cls;`);
    expect(exportsOf(code).load?.()).toEqual({});
  });

  it("is there for what is loaded on demand: check-sites speaks HTTP/2", async () => {
    const code = await bundled('export const load = async () => (await import("node:http2")).constants;');
    expect(await exportsOf(code).load?.()).toHaveProperty("HTTP2_HEADER_STATUS");
  });
});

describe("a client's operations", () => {
  const SCHEMAS = "@aws-sdk/client-x/dist-es/schemas/schemas_0.js";
  const source =
    'const _ht = "http";\nconst _f = make();\nexport const Used = [1, { [_ht]: "used" }];\nexport const Unused = [2, { [_ht]: "unused" }];\nexport const Made = [3, { [_f]: "made" }];\nfunction make() { return "own"; }\n';

  it("stay out where they are not used, though their keys are constants", async () => {
    installed(SCHEMAS, source.replace(/.*(_f\b|make).*\n/g, ""));
    installed("@aws-sdk/client-x/package.json", '{ "sideEffects": true, "type": "module" }');
    const code = await bundled(
      'import { Used } from "@aws-sdk/client-x/dist-es/schemas/schemas_0.js"; export const load = () => Used;',
    );
    expect(code).not.toContain("unused");
    expect(exportsOf(code).load?.()).toEqual([1, { http: "used" }]);
  });

  it("keep a key that is no constant", async () => {
    installed(SCHEMAS, source);
    installed("@aws-sdk/client-x/package.json", '{ "type": "module" }');
    const code = await bundled(
      'import { Made } from "@aws-sdk/client-x/dist-es/schemas/schemas_0.js"; export const load = () => Made;',
    );
    expect(exportsOf(code).load?.()).toEqual([3, { own: "made" }]);
  });
});
