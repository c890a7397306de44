import { isBuiltin } from "node:module";
import { describe, expect, it } from "vitest";
import * as z from "zod/mini";
import { importsOf, packageOf, repositoryFiles, sourceFiles, textOf } from "./source.ts";

const names = z.record(z.string(), z.string());
const Manifest = z.looseObject({
  scripts: names,
  dependencies: names,
  devDependencies: names,
  allowScripts: z.record(z.string(), z.boolean()),
});
const Lock = z.looseObject({
  packages: z.record(
    z.string(),
    z.looseObject({
      resolved: z.optional(z.string()),
      hasInstallScript: z.optional(z.boolean()),
      bin: z.optional(names),
    }),
  ),
});

const manifest = Manifest.parse(JSON.parse(textOf("package.json")));
const lock = Lock.parse(JSON.parse(textOf("package-lock.json")));
const declared = { ...manifest.dependencies, ...manifest.devDependencies };

/** Files by the package they import; types count as their package's. */
const importers = new Map<string, { file: string; typeOnly: boolean }[]>();
for (const file of sourceFiles()) {
  for (const { specifier, typeOnly } of importsOf(file)) {
    const name = packageOf(specifier);
    if (name === undefined || isBuiltin(name)) continue;
    importers.set(name, [...(importers.get(name) ?? []), { file, typeOnly }]);
  }
}

/** The commands a package brings. */
const commandsOf = (name: string) => Object.keys(lock.packages[`node_modules/${name}`]?.bin ?? {});

const asksFor = (file: string, name: string) =>
  [`createRequire(import.meta.url)("${name}")`, `import.meta.resolve("${name}")`].some((call) =>
    textOf(file).includes(call),
  );

function isUsed(name: string): boolean {
  const typesOf = /^@types\/(.+)$/.exec(name)?.[1];
  if (importers.has(typesOf ?? name)) return true;
  // The types of Node itself are named in the compiler's settings, not imported.
  if (typesOf !== undefined) return textOf("tsconfig.json").includes(`"${typesOf}"`);
  // What is no module of our kind (data, a CommonJS package without types) is asked for by its name.
  if (sourceFiles().some((file) => asksFor(file, name))) return true;
  const scripts = Object.values(manifest.scripts).join(" && ").split(/\s+/);
  if (commandsOf(name).some((command) => scripts.includes(command))) return true;
  return textOf("serverless.yml").includes(`- ${name}\n`);
}

describe("package.json", () => {
  it.each(Object.keys(declared))("has no use for nothing: %s is used", (name) => {
    expect(isUsed(name)).toBe(true);
  });

  it("would notice a package without use", () => {
    expect(["left-pad", "@types/left-pad"].map(isUsed)).toEqual([false, false]);
  });

  it("declares every package that is imported", () => {
    const undeclared = [...importers].flatMap(([name, files]) =>
      name in declared || files.every(({ typeOnly }) => typeOnly && `@types/${name}` in declared)
        ? []
        : [`${name}, imported by ${files.map(({ file }) => file).join(", ")}`],
    );
    expect(undeclared).toEqual([]);
  });

  it("has what the functions run on among the dependencies, not only in development", () => {
    const missing = [...importers].filter(
      ([name, files]) =>
        !(name in manifest.dependencies) &&
        files.some(({ file, typeOnly }) => !typeOnly && /^(functions|shared)\//.test(file)),
    );
    expect(missing.map(([name]) => name)).toEqual([]);
  });

  it("names exact versions", () => {
    const loose = Object.entries(declared).filter(
      ([, version]) => !/^(?:npm:[^@]+@)?\d+\.\d+\.\d+$/.test(version),
    );
    expect(loose).toEqual([]);
  });

  it("brings the Node the functions run on", () => {
    const runtime = /^ {2}runtime: nodejs(\d+)\.x$/m.exec(textOf("serverless.yml"))?.[1];
    expect(manifest.dependencies.node).toMatch(new RegExp(`^${runtime}\\.`));
    expect(process.versions.node).toBe(manifest.dependencies.node);
  });

  it("says of every package with an install script whether it may run", () => {
    const withScript = Object.entries(lock.packages)
      .filter(([, { hasInstallScript }]) => hasInstallScript)
      .map(([path]) => path.replace(/^.*node_modules\//, ""));
    expect(Object.keys(manifest.allowScripts).sort()).toEqual([...new Set(withScript)].sort());
  });
});

describe("the lock file", () => {
  it("names no registry: whoever installs uses their own", () => {
    const resolved = Object.entries(lock.packages).filter(([, entry]) => entry.resolved !== undefined);
    expect(resolved.map(([path]) => path)).toEqual([]);
  });
});

describe("no file of the repository", () => {
  /** Folders of a machine, at the beginning of a path; and hosts packages come from. */
  const OF_ONE_MACHINE = /(?<![\w.}/-])\/(?:work|root|home|Users|mnt|opt\/homebrew)\/\w/;
  const REGISTRY =
    /\b(?:registry|npm|packages?|artifacts?|nexus|verdaccio)\.[\w.-]+\.(?:org|com|net|io|dev|internal)\b/i;

  it.each([
    [OF_ONE_MACHINE, 'cd "/work/x"', true],
    [OF_ONE_MACHINE, "https://example.com/home/x", false],
    [REGISTRY, "https://registry.example.org/zod", true],
    [REGISTRY, "https://docs.aws.amazon.com/lambda", false],
  ])("(%s finds what it should in %s: %s)", (pattern, text, found) => {
    expect(pattern.test(text)).toBe(found);
  });

  it.each([
    ["a path of one machine", OF_ONE_MACHINE],
    ["the host of a package registry", REGISTRY],
  ])("holds %s", (_, pattern) => {
    const here = "test/architecture/dependencies.test.ts";
    const found = repositoryFiles().filter((file) => file !== here && pattern.test(textOf(file)));
    expect(found).toEqual([]);
  });
});
