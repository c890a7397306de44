import { describe, expect, onTestFinished, test } from "vitest";
import { type ClockOptions, createClock, readShared } from "../../sandbox/clock/clock.ts";

const START = Date.UTC(2026, 10, 21, 10, 0, 0);
const MINUTE = 60_000;

function clockAt(options: Partial<ClockOptions> = {}) {
  const clock = createClock({ speed: 0, start: START, ...options });
  onTestFinished(clock.stop);
  return clock;
}

describe("a clock that stands still", () => {
  test("moves only when advanced", async () => {
    const clock = clockAt();
    expect(clock.now()).toBe(START);
    await clock.advance(90_000);
    expect(clock.now()).toBe(START + 90_000);
  });

  test("runs timers in order of their time, each at its own time", async () => {
    const clock = clockAt();
    const ran: [string, number][] = [];
    clock.at(START + 2000, () => void ran.push(["second", clock.now()]));
    clock.at(START + 1000, () => void ran.push(["first", clock.now()]));
    clock.at(START + 2000, () => void ran.push(["third", clock.now()]));
    await clock.advance(5000);
    expect(ran).toEqual([
      ["first", START + 1000],
      ["second", START + 2000],
      ["third", START + 2000],
    ]);
  });

  test("runs a timer that another one sets within the same advance", async () => {
    const clock = clockAt();
    let at = 0;
    clock.at(
      START + 1000,
      () =>
        void clock.at(START + 1500, () => {
          at = clock.now();
        }),
    );
    await clock.advance(2000);
    expect(at).toBe(START + 1500);
  });

  test("leaves a timer that is not due", async () => {
    const clock = clockAt();
    let ran = false;
    clock.at(START + 1001, () => {
      ran = true;
    });
    await clock.advance(1000);
    expect(ran).toBe(false);
  });

  test("does not run a timer that was taken back", async () => {
    const clock = clockAt();
    let ran = false;
    const takeBack = clock.at(START + 1000, () => {
      ran = true;
    });
    takeBack();
    await clock.advance(2000);
    expect(ran).toBe(false);
  });

  test("finishes a task before the next one starts", async () => {
    const clock = clockAt();
    const order: string[] = [];
    clock.at(START + 1000, async () => {
      await new Promise((resolve) => setImmediate(resolve));
      order.push("slow");
    });
    clock.at(START + 1001, () => void order.push("next"));
    await clock.advance(2000);
    expect(order).toEqual(["slow", "next"]);
  });

  test("finishes the background work a task started before the next task", async () => {
    const clock = clockAt();
    const order: string[] = [];
    clock.at(START + 1000, () =>
      clock.background(async () => {
        await new Promise((resolve) => setImmediate(resolve));
        order.push("background");
      }),
    );
    clock.at(START + 1001, () => void order.push("next"));
    await clock.advance(2000);
    expect(order).toEqual(["background", "next"]);
  });

  test("waits for background work when advanced by nothing", async () => {
    const clock = clockAt();
    let done = false;
    clock.background(async () => {
      await new Promise((resolve) => setImmediate(resolve));
      done = true;
    });
    await clock.advance(0);
    expect(done).toBe(true);
  });

  test("ticks at every multiple of the period, whatever the start", async () => {
    const clock = clockAt({ start: START + 17_000 });
    const ticks: number[] = [];
    clock.every(MINUTE, () => void ticks.push(clock.now()));
    await clock.advance(3 * MINUTE);
    expect(ticks).toEqual([START + MINUTE, START + 2 * MINUTE, START + 3 * MINUTE]);
  });

  test("ends a series of ticks from within a tick", async () => {
    const clock = clockAt();
    let ticks = 0;
    const end = clock.every(MINUTE, () => {
      ticks += 1;
      end();
    });
    await clock.advance(5 * MINUTE);
    expect(ticks).toBe(1);
  });

  test("reports a task that fails and runs the next", async () => {
    const errors: unknown[] = [];
    const clock = clockAt({ onError: (error) => errors.push(error) });
    let ran = false;
    clock.at(START + 1000, () => Promise.reject(new Error("broken")));
    clock.at(START + 2000, () => {
      ran = true;
    });
    await clock.advance(3000);
    expect(errors).toEqual([new Error("broken")]);
    expect(ran).toBe(true);
  });

  test("adds up advances that are not awaited", async () => {
    const clock = clockAt();
    await Promise.all([clock.advance(1000), clock.advance(500)]);
    expect(clock.now()).toBe(START + 1500);
  });

  test("shows a worker the same time in a task", async () => {
    const clock = clockAt();
    let seen = 0;
    clock.at(START + 1000, () => {
      seen = readShared(clock.shared, Date.now());
    });
    await clock.advance(2000);
    expect(seen).toBe(START + 1000);
  });
});

describe("a clock that runs", () => {
  test("starts due timers in order without being advanced", async () => {
    const clock = clockAt({ speed: 1000 });
    const ran: string[] = [];
    await new Promise<void>((resolve) => {
      clock.at(START + 20_000, () => {
        ran.push("second");
        resolve();
      });
      clock.at(START + 10_000, () => void ran.push("first"));
    });
    expect(ran).toEqual(["first", "second"]);
    expect(clock.now()).toBeGreaterThanOrEqual(START + 20_000);
  });

  test("starts the next timer while a slow one still runs", async () => {
    const clock = clockAt({ speed: 1000 });
    let finishSlow = () => {};
    clock.at(
      START + 1000,
      () =>
        new Promise<void>((resolve) => {
          finishSlow = resolve;
        }),
    );
    await new Promise<void>((resolve) => void clock.at(START + 2000, resolve));
    finishSlow();
  });

  test("never overlaps the ticks of one series", async () => {
    const clock = clockAt({ speed: 1000 });
    let running = 0;
    let most = 0;
    await new Promise<void>((resolve) => {
      clock.every(1000, async () => {
        running += 1;
        most = Math.max(most, running);
        await new Promise((done) => setTimeout(done, 5));
        running -= 1;
        if (clock.now() > START + 20_000) resolve();
      });
    });
    expect(most).toBe(1);
  });

  test("jumps when advanced, running what falls due on the way", async () => {
    const clock = clockAt({ speed: 1 });
    let ran = false;
    clock.at(START + 3_600_000, () => {
      ran = true;
    });
    await clock.advance(3_600_000);
    expect(ran).toBe(true);
  });

  test("shows a worker a time that runs as fast", () => {
    const clock = clockAt({ speed: 60 });
    const real = Date.now();
    const later = readShared(clock.shared, real + 1000) - readShared(clock.shared, real);
    expect(later).toBe(MINUTE);
  });
});

test("refuses a speed below 0", () => {
  expect(() => createClock({ speed: -1 })).toThrow("no speed -1");
});

test("refuses to go back", () => {
  expect(() => clockAt().advance(-1)).toThrow("only moves forward");
});
