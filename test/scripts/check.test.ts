import { execFile } from "node:child_process";
import { expect, onTestFinished, test } from "vitest";
import { answer } from "../../sandbox/sites/behaviours.ts";
import { createAuthority } from "../../sandbox/sites/certificates.ts";
import { startSite } from "../../sandbox/sites/site.ts";

interface Ended {
  readonly code: number;
  readonly output: string;
}

function check(...args: string[]): Promise<Ended> {
  return new Promise((resolve) => {
    execFile(process.execPath, ["scripts/check.ts", ...args], (error, stdout, stderr) => {
      resolve({ code: typeof error?.code === "number" ? error.code : 0, output: stdout + stderr });
    });
  });
}
const LOOPBACK = ["--allow", "127.0.0.0/8"];

test("a site that is UP ends with 0 and shows address, status and phases", async () => {
  const site = await startSite({ behaviour: answer() });
  onTestFinished(() => site.stop());
  const { code, output } = await check(site.url, ...LOOPBACK);
  expect(code).toBe(0);
  expect(output).toMatch(new RegExp(`^${site.url}/  at 127\\.0\\.0\\.1  200\nHTTP/1\\.1, 3 bytes of body\n`));
  expect(output).toMatch(
    /resolve \d+\.\d {2}connect \d+\.\d {2}tls 0\.0 {2}processing \d+\.\d {2}transfer \d+\.\d {2}total \d+\.\d ms\n\nUP\n$/,
  );
});
test("a site that is DOWN ends with 1 and says why", async () => {
  const site = await startSite({ behaviour: answer({ status: 500 }) });
  onTestFinished(() => site.stop());
  const { code, output } = await check(site.url, ...LOOPBACK);
  expect({ code, why: output.split("\n\n").at(-1) }).toEqual({
    code: 1,
    why: "DOWN\n  status: status is 500, expected 200-299\n",
  });
});
test("a site that is DEGRADED by a condition of the command ends with 1", async () => {
  const site = await startSite({ behaviour: answer() });
  onTestFinished(() => site.stop());
  const { code, output } = await check(site.url, 'body contains "welcome" else degraded', ...LOOPBACK);
  expect({ code, why: output.split("\n\n").at(-1) }).toEqual({
    code: 1,
    why: 'DEGRADED\n  body: body is "ok\\n", expected to contain "welcome"\n',
  });
});
test("a certificate that is not trusted is shown all the same", async () => {
  const authority = await createAuthority(Date.now());
  const certificate = await authority.issue({ names: ["127.0.0.1"], validDays: 40 });
  const site = await startSite({ behaviour: answer(), certificate });
  onTestFinished(() => site.stop());
  const { code, output } = await check(site.url, ...LOOPBACK);
  expect(code).toBe(1);
  expect(output).toContain("certificate  127.0.0.1, by Sandbox Intermediate, TLSv1.3");
  expect(output).toMatch(/expires \d{4}-.* \(in (39|40) days\)/);
});
test("an address that is not public is not probed", async () => {
  const { code, output } = await check("http://127.0.0.1:9/");
  expect(code).toBe(1);
  expect(output).toContain("blocked: 127.0.0.1 is not a public address");
});
test.each([
  [["shop.example.com"], 'found "shop.example.com", expected an address that begins with'],
  [["https://shop.example.com", "status = 200"], 'found "status = 200", expected ==, !='],
  [[], "an address is missing"],
  [["https://shop.example.com", "--nope"], "Unknown option"],
])("a wrong argument ends with 2 and says what was expected: %j", async (args, message) => {
  const { code, output } = await check(...args);
  expect({ code, says: output.includes(message) }).toEqual({ code: 2, says: true });
});
