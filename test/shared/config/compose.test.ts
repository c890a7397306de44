import { describe, expect, it } from "vitest";
import { composeConfig } from "../../../shared/config/compose.ts";

function compose(files: Readonly<Record<string, string>>, env: Readonly<Record<string, string>> = {}) {
  const readText = (file: string) => {
    const text = files[file];
    if (text === undefined) throw new Error(`ENOENT: no such file ${file}`);
    return text;
  };
  return composeConfig("config/prod.yml", { readText, env });
}

describe("a config that extends others", () => {
  it("is itself where it extends nothing", () => {
    const { value, files } = compose({ "config/prod.yml": "mode: observe\n" });
    expect(value).toEqual({ mode: "observe" });
    expect(files).toEqual(["config/prod.yml"]);
  });

  it("merges maps key by key and replaces lists and values, the more special file last", () => {
    const { value, files } = compose({
      "config/prod.yml":
        "extends: [base.yml, ../team.yml]\nstreams: { orders: { max: 40 } }\nnotify: { emails: [c@x.org] }\n",
      "config/base.yml":
        "mode: observe\nstreams: { orders: { min: 2, max: 4 }, clicks: { max: 2 } }\nnotify: { emails: [a@x.org, b@x.org] }\n",
      "team.yml": "mode: act\n",
    });
    expect(value).toEqual({
      mode: "act",
      streams: { orders: { min: 2, max: 40 }, clicks: { max: 2 } },
      notify: { emails: ["c@x.org"] },
    });
    expect(files).toEqual(["config/base.yml", "team.yml", "config/prod.yml"]);
  });

  it("says of each value in which file it stands", () => {
    const { placeOf } = compose({
      "config/prod.yml": "extends: base.yml\nstreams:\n  orders:\n    max: 40\n",
      "config/base.yml": "streams:\n  orders:\n    min: two\n    max: 4\n",
    });
    expect(placeOf(["streams", "orders", "max"])).toEqual({ file: "config/prod.yml", line: 4, column: 5 });
    expect(placeOf(["streams", "orders", "min"])).toEqual({ file: "config/base.yml", line: 3, column: 5 });
    expect(placeOf(["streams", "orders", "mode"])).toEqual({ file: "config/prod.yml", line: 3, column: 3 });
    expect(placeOf(["sites"])).toEqual({ file: "config/prod.yml", line: 1, column: 1 });
  });

  it.each([
    [
      "a file that is missing",
      { "config/prod.yml": "extends: base.yml\n" },
      "config/base.yml: cannot be read, and config/prod.yml extends it: ENOENT",
    ],
    [
      "a circle",
      { "config/prod.yml": "extends: base.yml\n", "config/base.yml": "extends: prod.yml\n" },
      "config/base.yml:1:1: extends: config/prod.yml extends this file already",
    ],
    [
      "no path",
      { "config/prod.yml": "mode: act\nextends: [{ file: base.yml }]\n" },
      'config/prod.yml:2:1: extends: found {"file":"base.yml"}, expected the path of a file',
    ],
    [
      "a base that is no YAML",
      { "config/prod.yml": "extends: base.yml\n", "config/base.yml": "a: 1\na: 2\n" },
      "config/base.yml:2:1: found the key a twice",
    ],
  ])("%s is refused with its place", (_, files, message) => {
    expect(() => compose(files)).toThrow(message);
  });
});

describe("a variable of the environment", () => {
  const read = (text: string, env: Readonly<Record<string, string>>) =>
    compose({ "config/prod.yml": text }, env).value;

  it.each([
    ["a text", { A: "x" }, "x"],
    ["a number", { A: "12" }, 12],
    ["a decimal number", { A: "0.5" }, 0.5],
    ["a boolean", { A: "true" }, true],
    ["YAML that is no scalar stays text", { A: "[1, 2]" }, "[1, 2]"],
  ])("that is the whole value: %s", (_, env, value) => {
    expect(read(`key: \${env:A}\n`, env)).toEqual({ key: value });
  });

  it("stands within a longer text, more than once", () => {
    expect(read('list: ["https://${env:HOST}/${env:PATH}"]\n', { HOST: "h", PATH: "1" })).toEqual({
      list: ["https://h/1"],
    });
  });

  it("that is not set is refused with the place that names it", () => {
    expect(() => read("streams:\n  orders:\n    max: ${env:MAX}\n", {})).toThrow(
      "config/prod.yml:3:5: streams.orders.max: the variable MAX is not set in the environment",
    );
  });

  it("is not looked for in what a variable brings", () => {
    expect(read("key: a${env:A}\n", { A: "${env:B}", B: "no" })).toEqual({ key: "a${env:B}" });
  });
});
