import { isIP } from "node:net";
import * as z from "zod/mini";
import { notPublic, parseRange } from "../../../shared/net/address-range.ts";
import type { Endpoint } from "./endpoint.ts";
import { foreignKey } from "./foreign-keys.ts";
import {
  type SiteOptions,
  type SitePolicy,
  sectionKeys,
  siteName,
  siteOptions,
  sitePolicy,
  sitesOptions,
} from "./policy.ts";
import { compileSite, type Site } from "./site.ts";

/** The section `sites`, compiled. */
export interface Sites extends Omit<z.output<typeof sitesOptions>, "canary" | "suspectAtMostMinutes"> {
  /** An address that answers while our own network works; absent, the AWS endpoint the run speaks to. */
  readonly canary?: URL;
  /** For so long silence may be taken for our own network's. */
  readonly suspectAtMostMs: number;
  /** Those that are enabled, in the order of the file. */
  readonly list: readonly Site[];
}

export type StatusPage = NonNullable<Sites["statusPage"]>;

type Path = readonly PropertyKey[];
interface Problem {
  readonly path: Path;
  readonly message: string;
  /** It is the key at `path` that should not be there. */
  readonly isUnknownKey?: true;
}

/**
 * The schema by which the section is loaded: its value is compiled, and every problem of it is said at once, with its
 * place. One wrong key hides no other site's problems.
 */
export const sites = z.pipe(
  // The keys, for proposals; what is wrong is found below, all of it.
  z.union([sectionKeys, z.unknown()]),
  z.transform((raw: unknown, context): Sites => {
    const found = readSites(raw);
    for (const issue of found.issues)
      context.issues.push({ ...issue, input: undefined } as z.core.$ZodRawIssue);
    for (const { path, message, ...params } of found.problems) {
      context.issues.push({ code: "custom", input: raw, path: [...path], message, params });
    }
    return found.sites;
  }),
);

/** What is wrong by a schema, and what is wrong by what the keys mean together. */
class Found {
  readonly issues: z.core.$ZodIssue[] = [];
  readonly problems: Problem[] = [];

  /** Parses by a schema; where that fails, again without the keys that are wrong, for what else is to be said. */
  parse<S extends z.ZodMiniType>(schema: S, raw: unknown, path: Path): z.output<S> | undefined {
    const parsed = schema.safeParse(raw);
    if (parsed.success) return parsed.data;
    const wrong = new Set<PropertyKey>();
    for (const issue of parsed.error.issues) {
      const { path: below } = issue;
      const keys = issue.code === "unrecognized_keys" ? issue.keys : [];
      for (const key of below.length > 0 ? below.slice(0, 1) : keys) wrong.add(key);
      this.#take(issue, [...path, ...below], keys);
    }
    if (typeof raw !== "object" || raw === null) return undefined;
    const again = schema.safeParse(
      Object.fromEntries(Object.entries(raw).filter(([key]) => !wrong.has(key))),
    );
    return again.success ? again.data : undefined;
  }

  #take(issue: z.core.$ZodIssue, path: PropertyKey[], keys: readonly string[]): void {
    const unknown = keys.filter((key) => foreignKey(key) === undefined);
    if (keys.length === 0) this.issues.push({ ...issue, path });
    if (unknown.length > 0) this.issues.push({ code: "unrecognized_keys", keys: unknown, path, message: "" });
    for (const key of keys) {
      const message = foreignKey(key);
      if (message !== undefined) this.problems.push({ path: [...path, key], message, isUnknownKey: true });
    }
  }

  /** A problem of the defaults comes with each site that has none of its own: it is said once. */
  say(path: Path, message: string): void {
    const isKnown = this.problems.some((one) => one.path.join() === path.join());
    if (!isKnown) this.problems.push({ path, message });
  }
}

function readSites(raw: unknown): Found & { readonly sites: Sites } {
  const found = new Found();
  const section = asRecord(raw, [], found);
  const { list: rawList = {}, defaults: rawDefaults = {}, ...rawOptions } = section;
  const options = found.parse(sitesOptions, rawOptions, []) ?? sitesOptions.parse({});
  const defaults = found.parse(siteOptions, rawDefaults, ["defaults"]) ?? {};
  const list = Object.entries(asRecord(rawList, ["list"], found)).flatMap(([name, own]) =>
    readSite(name, own, defaults, found),
  );
  if (options.confirmFrom.length === 0) checkConfirm(asRecord(rawList, ["list"], new Found()), found);
  checkDependencies(list, Object.keys(asRecord(rawList, ["list"], new Found())), found);
  checkAddresses(list, options.allow, found);
  const { canary, suspectAtMostMinutes, ...rest } = options;
  const sites: Sites = {
    ...rest,
    suspectAtMostMs: suspectAtMostMinutes * 60_000,
    list,
    ...(canary !== undefined && { canary: new URL(canary) }),
  };
  return Object.assign(found, { sites });
}

function readSite(name: string, raw: unknown, defaults: SiteOptions, found: Found): Site[] {
  const path = ["list", name];
  const named = siteName.safeParse(name);
  if (!named.success) {
    found.issues.push({
      code: "invalid_key",
      origin: "record",
      issues: named.error.issues,
      path,
      message: "",
    });
  }
  if (typeof raw === "string") {
    found.say(path, `keys with values: { url: ${JSON.stringify(raw)} }`);
    return [];
  }
  const own = found.parse(sitePolicy, raw, path);
  if (!own) {
    sayConditions(raw, path, defaults, found);
    return [];
  }
  const compiled = compileSite(name, own, defaults);
  if ("problems" in compiled) {
    for (const {
      path: [key, ...rest],
      expected,
    } of compiled.problems) {
      const isInherited = key !== undefined && !(key in own);
      found.say(
        isInherited ? ["defaults", key, ...rest] : [...path, ...(key === undefined ? [] : [key]), ...rest],
        expected,
      );
    }
    return [];
  }
  return isEnabled(own, defaults) ? [compiled.site] : [];
}

/** A site whose address is missing is read as one whose address is nonsense, for its conditions' sake. */
function sayConditions(raw: unknown, path: Path, defaults: SiteOptions, found: Found): void {
  if (typeof raw !== "object" || raw === null || !("conditions" in raw)) return;
  const parsed = sitePolicy.safeParse({ url: "https://a.invalid", conditions: raw.conditions });
  if (!parsed.success) return;
  const compiled = compileSite("-", parsed.data, defaults);
  if (!("problems" in compiled)) return;
  for (const { path: below, expected } of compiled.problems) {
    if (below[0] === "conditions") found.say([...path, ...below], expected);
  }
}

function isEnabled(own: SitePolicy, defaults: SiteOptions): boolean {
  return own.enabled ?? defaults.enabled ?? true;
}

/** A key that does nothing misleads. (In the defaults it may wait for regions.) */
function checkConfirm(list: Readonly<Record<string, unknown>>, found: Found): void {
  for (const [name, own] of Object.entries(list)) {
    if (typeof own === "object" && own !== null && "confirm" in own)
      found.say(["list", name, "confirm"], "this key only with sites.confirmFrom: it does nothing here");
  }
}

/** Each names another site, and none itself by a circle. */
function checkDependencies(list: readonly Site[], names: readonly string[], found: Found): void {
  const byName = new Map(list.map((site) => [site.name, site]));
  const reaches = (from: string, to: string, seen = new Set<string>()): boolean => {
    if (seen.has(from)) return false;
    seen.add(from);
    return (byName.get(from)?.dependsOn ?? []).some((name) => name === to || reaches(name, to, seen));
  };
  for (const { name, dependsOn } of list) {
    dependsOn.forEach((other, index) => {
      const path = ["list", name, "dependsOn", index];
      if (!names.includes(other)) found.say(path, "the name of another site of the list");
      else if (other === name || reaches(other, name))
        found.say(path, "a site that does not depend on this one itself");
    });
  }
}

/** An address that is written in the config and that every check would refuse (probe/net/address-filter.ts). */
function checkAddresses(list: readonly Site[], allow: readonly string[], found: Found): void {
  for (const { name, endpoint, allow: own } of list) {
    const address = literalAddress(endpoint);
    const problem = address && notPublic(address, [...allow, ...own].map(parseRange));
    if (problem)
      found.say(["list", name, "url"], `a public address, or its network in \`allow\`: ${problem}`);
  }
}

/** The IP address of a site that has no name. */
function literalAddress(endpoint: Endpoint): string | undefined {
  if (endpoint.kind === "dns") return undefined;
  const host = endpoint.kind === "http" ? endpoint.url.hostname : endpoint.host;
  const address = host.replace(/^\[(.*)\]$/, "$1");
  return isIP(address) ? address : undefined;
}

function asRecord(raw: unknown, path: Path, found: Found): Readonly<Record<string, unknown>> {
  const parsed = z.record(z.string(), z.unknown()).safeParse(raw);
  if (parsed.success) return parsed.data;
  if (Array.isArray(raw)) {
    found.say(path, 'sites by their names, as in list: { shop: { url: "https://shop.example.com" } }');
    return {};
  }
  found.issues.push(...parsed.error.issues.map((issue) => ({ ...issue, path: [...path, ...issue.path] })));
  return {};
}
