import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { COMMANDS as REFLEX } from "../../../../scripts/cli/commands.ts";
import type { Scenery } from "../scenery.ts";
import { commandsInDocs, type DocCommand } from "./commands-in-docs.ts";
import { isMention, NOT_RUN, NOT_SIMULATED, valuesIn } from "./docs-commands.ts";
import { isInstalled, openShell, type Shell } from "./docs-shell.ts";

const MISSING = ["aws", "kubectl", "jq"].filter((tool) => !isInstalled(tool));

const ALL = commandsInDocs();
const isRun = (one: DocCommand): boolean =>
  !isMention(one) && !NOT_RUN.some(([command]) => command.test(one.text));
/** Commands that differ only in what they name are run once. */
const shapeOf = ({ text }: DocCommand): string =>
  text
    .replace(/"[^"]*"|'[^']*'/g, "text")
    .replace(/(reflex-<stage>-|stream\/|node-pool\/|site\/|docs\/kubernetes\/)[\w<>-]+/g, "$1")
    .replace(/ --stage [\w<>]+/g, "");
const RUN = [...Map.groupBy(ALL.filter(isRun), shapeOf).values()].flatMap(([first]) => first ?? []);
const isPossible = ({ text }: DocCommand): boolean =>
  !MISSING.some((tool) => new RegExp(`(^|[\\s(])${tool} `).test(text));

/** Runs the commands of the docs as they are written, in an account in which there is something to see. */
export function describeCommandsOfDocs(sceneryOf: () => Scenery): void {
  describe("the commands of the docs, as they are written", () => {
    let shell: Shell | undefined;
    let values: Awaited<ReturnType<typeof valuesIn>>;
    beforeAll(async () => {
      const scenery = sceneryOf();
      await scenery.createStream("clicks");
      await scenery.minutes(1);
      const { account, main: cluster, config } = scenery;
      values = await valuesIn(scenery);
      shell = await openShell({ account, cluster, config });
    });
    afterAll(() => shell?.stop());

    test.each(RUN.filter(isPossible))("$place $text", async ({ text }) => {
      const script = values.reduce((script, [written, meant]) => script.replaceAll(written, meant), text);
      expect(script).not.toMatch(/<[a-z ]+>|…$/i);
      const { code, output } = (await shell?.run(script)) ?? { code: null, output: "" };
      if (NOT_SIMULATED.test(text)) expect(output).toMatch(/UnknownOperation|has no|not /);
      else expect({ code, output }).toEqual({ code: 0, output: expect.any(String) });
      // A command that reads has something to show in this account: an empty answer is one of another operation.
      if (/^aws \S+ (list|describe|get)-/.test(text) && !NOT_SIMULATED.test(text))
        expect(output.trim()).not.toBe("");
    });

    const impossible = RUN.filter((one) => !isPossible(one)).map(({ place }) => place);
    test.skipIf(MISSING.length === 0)(
      `${impossible.length} of them are not run: this machine has no ${MISSING.join(", ")}`,
      () => {},
    );
  });

  describe("a command that the docs only name", () => {
    const { scripts }: { scripts: Record<string, string> } = JSON.parse(
      readFileSync(join(import.meta.dirname, "..", "..", "..", "..", "package.json"), "utf8"),
    );
    const known = { "npm run": Object.keys(scripts), reflex: REFLEX.map(({ name }) => name) };
    const named = ALL.flatMap(({ place, text }) =>
      [...text.matchAll(/\b(npm run|reflex) ([a-z][\w-]*)/g)].map(([, by, name]) => ({ place, by, name })),
    );

    test("is one of the project", () => {
      expect(named.length).toBeGreaterThan(50);
      const unknown = named.filter(
        ({ by, name }) => !known[by === "reflex" ? by : "npm run"].includes(name ?? ""),
      );
      expect(unknown).toEqual([]);
    });

    test("is not on the list of those that are not run without being in the docs", () => {
      const unused = NOT_RUN.filter(([command]) => !ALL.some(({ text }) => command.test(text)));
      expect(unused).toEqual([]);
    });
  });
}
