import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  confirmed,
  type FailureAtHome,
  type Opinion,
  opinionOf,
  type SeenElsewhere,
} from "../../../../functions/check-sites/evaluate/confirmation.ts";
import type { Finding } from "../../../../functions/check-sites/evaluate/verdict.ts";

const HOME = "us-east-1";
const down = (reason: Finding["reason"], text = "it fails"): Finding => ({ severity: "down", reason, text });
const atHome = (reason: Finding["reason"], answered: "answered" | "silent"): FailureAtHome => ({
  evaluation: { verdict: "DOWN", findings: [down(reason)] },
  answered: answered === "answered",
});
const seen = (more: Partial<SeenElsewhere> = {}): SeenElsewhere => ({
  verdict: "UP",
  answered: true,
  credentials: "none-needed",
  hops: 1,
  findings: [],
  ...more,
});
const failing = (reason: Finding["reason"], more: Partial<SeenElsewhere> = {}): SeenElsewhere =>
  seen({ verdict: "DOWN", findings: [down(reason)], ...more });
const withheld = { credentials: "withheld" } as const;

describe("what another region's probe says of a failure at home", () => {
  test.each<[string, FailureAtHome, SeenElsewhere, Opinion["says"]]>([
    ["a status, well there", atHome("status", "answered"), seen(), "well"],
    ["a status, slow there", atHome("status", "answered"), seen({ verdict: "DEGRADED" }), "well"],
    ["a status, the same there", atHome("status", "answered"), failing("status"), "fails"],
    [
      "a status, silent there",
      atHome("status", "answered"),
      failing("connect", { answered: false }),
      "fails",
    ],
    [
      "anything, and that region cannot tell",
      atHome("connect", "silent"),
      seen({ verdict: "UNKNOWN" }),
      "cannot-tell",
    ],
    // From far away everything takes longer.
    ["refused, too slow there for a condition", atHome("connect", "silent"), failing("timeout"), "well"],
    ["too slow, too slow there", atHome("timeout", "answered"), failing("timeout"), "fails"],
    [
      "refused, no answer in time there",
      atHome("connect", "silent"),
      failing("timeout", { answered: false }),
      "fails",
    ],
    // Without credentials.
    ["refused, 401 there", atHome("connect", "silent"), failing("status", withheld), "well"],
    [
      "refused, refused there",
      atHome("connect", "silent"),
      failing("connect", { ...withheld, answered: false }),
      "fails",
    ],
    ["a status, 401 there", atHome("status", "answered"), failing("status", withheld), "cannot-tell"],
    ["a status, 200 there", atHome("status", "answered"), seen(withheld), "well"],
    [
      "a status, a login page there",
      atHome("status", "answered"),
      seen({ ...withheld, hops: 2 }),
      "cannot-tell",
    ],
    ["a body, well there", atHome("body", "answered"), seen(withheld), "cannot-tell"],
    [
      "refused, no client certificate there",
      atHome("connect", "silent"),
      failing("tls", { ...withheld, answered: false }),
      "cannot-tell",
    ],
  ])("%s", (_, home, elsewhere, says) => {
    expect(opinionOf("eu-west-1", home, elsewhere).says).toBe(says);
  });
});

describe("of several findings", () => {
  const both = (home: FailureAtHome, ...findings: Finding[]): FailureAtHome => ({
    ...home,
    evaluation: { verdict: "DOWN", findings: [...home.evaluation.findings, ...findings] },
  });
  const slow: Finding = { severity: "degraded", reason: "timeout", text: "it is slow" };
  const says = (home: FailureAtHome, elsewhere: SeenElsewhere) =>
    opinionOf("eu-west-1", home, elsewhere).says;

  test("only those that make the site DOWN count, here and there", () => {
    const status = atHome("status", "answered");
    expect(says(status, seen({ verdict: "DEGRADED", findings: [{ ...slow, reason: "certificate" }] }))).toBe(
      "well",
    );
    expect(says(both(status, slow), failing("timeout"))).toBe("well");
    expect(says(both(status, slow), seen(withheld))).toBe("well");
  });

  test("one that is slow makes home slow, one that is no status needs the credentials", () => {
    const status = atHome("status", "answered");
    expect(says(both(status, down("timeout")), failing("timeout"))).toBe("fails");
    expect(says(both(status, down("body")), seen(withheld))).toBe("cannot-tell");
  });

  test("of a home that had no answer, slowness there counts for nothing", () => {
    expect(says(atHome("timeout", "silent"), failing("timeout"))).toBe("well");
  });

  test("one that credentials could have prevented is enough to leave it open", () => {
    const elsewhere = failing("certificate", { ...withheld, answered: false });
    const more = { ...elsewhere, findings: [...elsewhere.findings, down("connect")] };
    expect(opinionOf("eu-west-1", atHome("connect", "silent"), more)).toEqual({
      ...{ region: "eu-west-1", says: "cannot-tell", why: "not without its credentials" },
    });
  });

  test("a region that cannot tell says why", () => {
    const why = (more: Partial<SeenElsewhere>) =>
      opinionOf("eu-west-1", atHome("connect", "silent"), seen({ verdict: "UNKNOWN", ...more })).why;
    expect(why({})).toBe("it cannot tell");
    expect(why({ findings: [{ severity: "unknown", reason: "own-dns", text: "no resolver" }] })).toBe(
      "no resolver",
    );
  });
});

describe("a failure at home", () => {
  const well: Opinion = { region: "eu-west-1", says: "well" };
  const fails: Opinion = { region: "ap-southeast-2", says: "fails" };
  const mute: Opinion = {
    region: "sa-east-1",
    says: "cannot-tell",
    why: "it could not be asked: TimeoutError",
  };
  const failure = atHome("connect", "silent").evaluation;
  const textOf = (opinions: Opinion[]) => {
    const { verdict, findings } = confirmed(failure, HOME, opinions);
    return `${verdict} ${findings[0]?.severity}: ${findings[0]?.text}`;
  };

  test.each<[string, Opinion[], string]>([
    [
      "two others find it well",
      [well, { ...well, region: "sa-east-1" }],
      "DEGRADED degraded: only from us-east-1: it fails; eu-west-1 and sa-east-1 find it well",
    ],
    [
      "the only other finds it well",
      [well],
      "DEGRADED degraded: only from us-east-1: it fails; eu-west-1 finds it well",
    ],
    ["two of three", [well, fails], "DOWN down: it fails; also from ap-southeast-2; eu-west-1 finds it well"],
    [
      "one cannot be asked",
      [well, mute],
      "DOWN down: it fails; eu-west-1 finds it well; sa-east-1 cannot tell: it could not be asked: TimeoutError",
    ],
    ["nobody was asked", [], "DOWN down: it fails"],
  ])("%s", (_, opinions, expected) => {
    expect(textOf(opinions)).toBe(expected);
  });

  test("that could be our own network's silence is DOWN where another sees it, and stays open where none can tell", () => {
    const silence = { ...failure, verdict: "UNKNOWN" as const };
    const verdictBy = (...opinions: Opinion[]) => confirmed(silence, HOME, opinions).verdict;
    expect([verdictBy(fails, well), verdictBy(mute, well), verdictBy(mute), verdictBy(well)]).toEqual([
      "DOWN",
      "UNKNOWN",
      "UNKNOWN",
      "DEGRADED",
    ]);
  });

  test("keeps its other findings behind the first, which says what the regions say", () => {
    const more: Finding = { severity: "degraded", reason: "certificate", text: "it expires" };
    const two = { ...failure, findings: [...failure.findings, more] };
    const first = { ...failure.findings[0], text: "it fails; also from ap-southeast-2" };
    expect(confirmed(two, HOME, [fails])).toEqual({ verdict: "DOWN", findings: [first, more] });
    const silence = { ...two, verdict: "UNKNOWN" as const };
    const open = { ...first, text: "it fails; sa-east-1 cannot tell: " };
    const { why: _, ...wordless } = mute;
    expect(confirmed(silence, HOME, [wordless])).toEqual({ verdict: "UNKNOWN", findings: [open, more] });
  });

  test("of our own resolver is the site's names' where another region sees it", () => {
    const silence = (reason: Finding["reason"]) => ({
      verdict: "UNKNOWN" as const,
      findings: [{ severity: "unknown" as const, reason, text: "it fails" }],
    });
    const found = (reason: Finding["reason"]) => confirmed(silence(reason), HOME, [fails]).findings;
    const text = "it fails; also from ap-southeast-2";
    expect(found("own-dns")).toEqual([{ severity: "down", reason: "dns", text }]);
    expect(found("connect")).toEqual([{ severity: "down", reason: "connect", text }]);
  });

  test("is never hidden by a region that cannot tell", () => {
    const opinion = fc.constantFrom(well, fails, mute);
    fc.assert(
      fc.property(fc.array(opinion, { maxLength: 2 }), fc.nat(2), (others, at) => {
        const opinions = others.toSpliced(at, 0, mute);
        expect(confirmed(failure, HOME, opinions).verdict).toBe("DOWN");
      }),
    );
  });
});
