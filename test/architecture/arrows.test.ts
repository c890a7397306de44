import { describe, expect, it } from "vitest";
import { importsIn, importsOf, packageOf, sourceFiles, targetOf, textOf } from "./source.ts";

/** `functions/reshard-streams`, `shared`, `sandbox`; a file at the root is its own place. */
function placeOf(file: string): string {
  const [top = file, folder = ""] = file.split("/");
  return top === "functions" ? `functions/${folder}` : top;
}

/** What each place may import beside itself. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  functions: ["shared"],
  shared: [],
  scripts: ["functions", "shared"],
  sandbox: ["functions", "shared", "scripts"],
  bench: ["functions", "shared", "sandbox", "scripts"],
  test: ["functions", "shared", "sandbox", "scripts", "bench"],
};

function isAllowed(from: string, to: string): boolean {
  const [here, there] = [placeOf(from), placeOf(to)];
  if (here === there) return true;
  const [kind = ""] = here.split("/");
  return MAY_IMPORT[kind]?.includes(there.split("/")[0] ?? "") ?? false;
}

describe("the arrows", () => {
  it.each([
    ["functions/a/act.ts", "functions/a/rules/one.ts", true],
    ["functions/a/act.ts", "shared/ledger/ledger.ts", true],
    ["functions/a/act.ts", "functions/b/act.ts", false],
    ["functions/a/act.ts", "sandbox/clock/clock.ts", false],
    ["functions/a/act.ts", "scripts/checked-config.ts", false],
    ["shared/x.ts", "functions/a/act.ts", false],
    ["shared/x.ts", "sandbox/clock/clock.ts", false],
    ["scripts/x.ts", "functions/a/policy.ts", true],
    ["scripts/x.ts", "bench/x.ts", false],
    ["sandbox/x.ts", "test/x.ts", false],
    ["test/x.ts", "sandbox/clock/clock.ts", true],
  ])("%s -> %s: %s", (from, to, allowed) => {
    expect(isAllowed(from, to)).toBe(allowed);
  });

  it("go one way: no file imports what its place may not", () => {
    const wrong = sourceFiles().flatMap((file) =>
      importsOf(file).flatMap(({ specifier }) => {
        const target = targetOf(file, specifier);
        return target !== undefined && !isAllowed(file, target) ? [`${file} -> ${target}`] : [];
      }),
    );
    expect(wrong).toEqual([]);
  });
});

describe("an automation's descriptor", () => {
  it("is in no bundle: no function, and nothing that is shared, imports one", () => {
    const importers = sourceFiles().filter(
      (file) =>
        /^(functions|shared)\//.test(file) &&
        importsOf(file).some(({ specifier }) =>
          /^functions\/[^/]+\/automation\.ts$/.test(targetOf(file, specifier) ?? ""),
        ),
    );
    expect(importers).toEqual([]);
  });

  it("is all that names it: no other folder imports an automation by its name", () => {
    const importers = sourceFiles().filter(
      (file) =>
        /^scripts\/(?!check\.ts|redrive|backtest)/.test(file) &&
        importsOf(file).some(({ specifier }) => (targetOf(file, specifier) ?? "").startsWith("functions/")),
    );
    expect(importers).toEqual([]);
  });
});

/** A file and all it imports at run time, from one to the next; beside files, what else is imported. */
function reachedFrom(file: string, seen = new Set<string>()): { files: Set<string>; outside: string[] } {
  if (seen.has(file)) return { files: seen, outside: [] };
  seen.add(file);
  const outside = importsOf(file).flatMap(({ specifier, typeOnly }) => {
    if (typeOnly) return [];
    const target = targetOf(file, specifier);
    return target === undefined ? [`${file} imports ${specifier}`] : reachedFrom(target, seen).outside;
  });
  return { files: seen, outside };
}

describe("what decides", () => {
  const decisions = sourceFiles().filter((file) => /^functions\/[^/]+\/decide\/.*\.ts$/.test(file));

  it("is there: the rules below are about something", () => {
    expect(decisions).toContain("functions/reshard-streams/decide/decide.ts");
  });

  it.each(decisions)(
    "%s imports at run time only files of its own folder and of shared/, and no package",
    (file) => {
      const { files, outside } = reachedFrom(file);
      expect(outside).toEqual([]);
      // Rules that two automations decide by stand in shared/, and are held to the same.
      expect([...files].filter((one) => ![placeOf(file), "shared"].includes(placeOf(one)))).toEqual([]);
    },
  );

  /** Rooms whose types decisions may know, and modules of shared/ that reach outside: not even their types. */
  const PURE_ROOM = /^functions\/[^/]+\/(?:decide|model|config)[./]/;
  const REACHES_OUTSIDE =
    /^shared\/(?:aws|cloudformation|lambda|monitoring|notify|tracing)\/|^shared\/time\/(?:clock|pause)\.ts$|^shared\/kubernetes\/(?:api|connect|pages|token)\.ts$|^shared\/ledger\/ledger\.ts$/;

  it.each(decisions)("%s knows no client, clock or run by type either: they cannot be handed in", (file) => {
    const known = importsOf(file).map(({ specifier }) => targetOf(file, specifier) ?? specifier);
    const wrong = known.filter(
      (one) => REACHES_OUTSIDE.test(one) || !(PURE_ROOM.test(one) || one.startsWith("shared/")),
    );
    expect(wrong).toEqual([]);
  });

  it.each(decisions)("%s and what it imports know no clock, no chance and no environment", (file) => {
    const impure =
      /\bDate\.now\b|\bnew Date\(\s*\)|\bMath\.random\b|\bprocess\s*[.[;]|\bglobalThis\b|\bcrypto\b/;
    expect([...reachedFrom(file).files].filter((one) => impure.test(textOf(one)))).toEqual([]);
  });
});

describe("what a bundle leaves out", () => {
  const LARGE_AND_RARE = ["ec2", "lambda", "eventbridge", "s3", "sts", "ssm", "secrets-manager"].map(
    (service) => `@aws-sdk/client-${service}`,
  );
  const handlers = sourceFiles().filter((file) => /^functions\/.*\/handler\.ts$/.test(file));

  /** The packages that a file and what it imports load at once; what is imported later, by a call, is not among them. */
  function packagesLoaded(file: string, seen = new Set<string>()): string[] {
    if (seen.has(file)) return [];
    seen.add(file);
    const atOnce = textOf(file).replaceAll("import(", "later(");
    return importsIn(atOnce)
      .filter(({ typeOnly }) => !typeOnly)
      .flatMap(({ specifier }) => {
        const target = targetOf(file, specifier);
        return target === undefined ? [specifier] : packagesLoaded(target, seen);
      });
  }

  it("is found for every handler there is", () => {
    expect(handlers.length).toBeGreaterThan(4);
  });

  it.each(handlers)("is not loaded when %s is: it would make every cold start longer", (handler) => {
    const loaded = packagesLoaded(handler).filter((name) => LARGE_AND_RARE.includes(name));
    expect(loaded).toEqual([]);
  });

  // In a bundle such a module, and all that it shares with others, is kept whole and compiled twice (docs/decisions/bundles.md).
  it("is never a module of ours: none is imported by a call", () => {
    const byCall = sourceFiles()
      .filter((file) => /^(functions|shared)\//.test(file) && !file.endsWith("/automation.ts"))
      .flatMap((file) =>
        [...textOf(file).matchAll(/\bimport\(\s*"(\.[^"]*)"/g)].map(
          ([, specifier]) => `${file}: ${specifier}`,
        ),
      );
    // Taken out of every package, whose config is in the bundle.
    expect(byCall).toEqual(["shared/config/load.ts: ./read-file.ts"]);
  });
});

describe("one module each", () => {
  const importersOf = (name: string) =>
    sourceFiles().filter(
      (file) =>
        /^(functions|shared)\//.test(file) &&
        importsOf(file).some(({ specifier }) => packageOf(specifier) === name),
    );

  it("knows X-Ray, so that another tracer can take its place", () => {
    expect(importersOf("aws-xray-sdk-core")).toEqual(["shared/tracing/context.ts"]);
  });

  it("knows YAML", () => {
    expect(importersOf("yaml")).toEqual(["shared/config/compose.ts", "shared/config/document.ts"]);
  });
});
