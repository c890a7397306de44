import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { folderWith } from "./folder.ts";

const root = join(import.meta.dirname, "../../..");

const folders: { remove(): void }[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) folder.remove();
});

/** `npm run check-config -- files`, without npm around it. */
function checkConfig(...files: string[]) {
  const run = spawnSync(process.execPath, ["scripts/check-config.ts", ...files], {
    cwd: root,
    encoding: "utf8",
  });
  return { code: run.status, out: run.stdout, err: run.stderr };
}

function fileWith(text: string): string {
  const folder = folderWith({ "stage.yml": text });
  folders.push(folder);
  return join(folder.path, "stage.yml");
}

describe("check-config", () => {
  it("finds every config in config/ right", () => {
    expect(checkConfig()).toEqual({ code: 0, out: expect.stringContaining("config/dev.yml: ok"), err: "" });
  });

  it("ends with 1 and says everything that is wrong, each with its place", () => {
    const file = fileWith(
      [
        "notify: { emails: [nobody] }",
        "streams:",
        "  orders: { min: 4, max: 2 }",
        "  clicks: { max: 1, maks: 2 }",
      ].join("\n"),
    );
    const { code, out, err } = checkConfig(file);
    expect({ code, out }).toEqual({ code: 1, out: "" });
    expect(err.trim().split("\n")).toEqual([
      expect.stringContaining(`${file}:1:20: notify.emails.0: found "nobody", expected`),
      `${file}:3:13: streams.orders.min: found 4, expected at most max (2)`,
      expect.stringContaining(`${file}:4:21: streams.clicks.maks: is no key here`),
    ]);
  });

  it("says the same to a machine, without colours", () => {
    const file = fileWith("streams:\n  orders: { min: 4, max: 2 }\n");
    const { code, out, err } = checkConfig("--json", file);
    expect({ code, err }).toEqual({ code: 1, err: "" });
    expect(JSON.parse(out)).toEqual([
      { file, problems: [`${file}:2:13: streams.orders.min: found 4, expected at most max (2)`], notes: [] },
    ]);
  });

  it("says a file that is right beside one that is wrong", () => {
    const right = fileWith("streams:\n  orders: { max: 2 }\n");
    const { code, out, err } = checkConfig(right, "config/nowhere.yml");
    expect({ code, out }).toEqual({ code: 1, out: `${right}: ok\n` });
    expect(err).toMatch(/^config\/nowhere\.yml: cannot be read: .*ENOENT/);
  });
});
