import { type Clock, systemClock } from "../../shared/time/clock.ts";
import { type Task, Timers } from "./timers.ts";

/**
 * The sandbox's own clock. It shows the real time at its start and then runs `speed` times as fast. The
 * functions' workers share it (sandbox/lambda/worker.ts sets `Date` by the same three numbers), so that what
 * happens in the sandbox happens at one time for all.
 *
 * With `speed` 0 it stands still and only `advance` moves it: the end-to-end tests use that, so that they
 * depend on no real minute. Timers that fall due are run in order of their time, one after the other, each
 * awaited together with the background work it started, with `now()` at the timer's own time.
 *
 * With a `speed` above 0, timers start in order of their time and do not wait for one another, so a slow
 * function holds up nothing else; the ticks of one `every` never overlap (a tick that falls due while the
 * one before still runs is left out).
 */
export interface SandboxClock extends Clock {
  readonly speed: number;
  /** Runs `task` at `at` (ms since the epoch). Returns a function that takes it back. */
  at(at: number, task: Task): () => void;
  /** Runs `task` at every multiple of `periodMs` since the epoch. Returns a function that ends it. */
  every(periodMs: number, task: Task): () => void;
  /**
   * Starts `task` at once and does not wait for it: what AWS does after it has answered, such as delivering a
   * notification. `advance` waits for it before it moves on.
   */
  background(task: Task): void;
  /**
   * Moves the clock on by `ms`, running what falls due, and returns when all of it is done. `advance(0)` waits
   * for the background work only. A task must not await it: it would wait for itself.
   */
  advance(ms: number): Promise<void>;
  /** What a worker needs to show the same time, see `readShared`. */
  readonly shared: SharedArrayBuffer;
  stop(): void;
}

export interface ClockOptions {
  /** Sandbox seconds a real second; 0 stands still. */
  readonly speed: number;
  /** Ms since the epoch; the real time when left out. */
  readonly start?: number;
  /** Called with an error in a task; the clock goes on. */
  readonly onError?: (error: unknown) => void;
}

/** Float64 places in the shared memory: sandbox time at the last setting, real time then, speed. */
const SETTING = { start: 0, realStart: 1, speed: 2, length: 3 } as const;

/** `setTimeout` fires at once above this (2^31 - 1 ms). */
const LONGEST_TIMEOUT_MS = 2_147_483_647;

/**
 * The sandbox's time, from a clock's shared memory: `start + (realNow - realStart) * speed`. With speed 0 that
 * is `start`, which `advance` rewrites.
 *
 * @param shared `SandboxClock.shared`
 * @param realNow the machine's time, ms since the epoch
 */
export function readShared(shared: SharedArrayBuffer, realNow: number): number {
  const [start = 0, realStart = 0, speed = 0] = new Float64Array(shared);
  return Math.floor(start + (realNow - realStart) * speed);
}

/**
 * The memory a clock shares with the workers, and how its time is set.
 *
 * @throws {RangeError} for what is no speed
 */
function createShared(start: number, speed: number) {
  if (!(speed >= 0 && Number.isFinite(speed))) {
    throw new RangeError(
      `The sandbox's clock has no speed ${speed}: give a number from 0 (stands still) up.`,
    );
  }
  const shared = new SharedArrayBuffer(SETTING.length * Float64Array.BYTES_PER_ELEMENT);
  const setting = new Float64Array(shared);
  setting[SETTING.speed] = speed;
  const moveTo = (at: number) => {
    setting[SETTING.start] = at;
    setting[SETTING.realStart] = systemClock.now();
  };
  moveTo(start);
  return { shared, moveTo };
}

export function createClock(options: ClockOptions): SandboxClock {
  const { speed, start = systemClock.now(), onError = reportToConsole } = options;
  const { shared, moveTo } = createShared(start, speed);
  const timers = new Timers();
  const underWay = new Set<Promise<void>>();
  let alarm: NodeJS.Timeout | undefined;
  let advancing: Promise<void> = Promise.resolve();
  /** While `advance` runs, it and not the real time decides what is due. */
  let advances = 0;
  let stopped = false;

  const now = () => readShared(shared, systemClock.now());

  function at(time: number, task: Task): () => void {
    const timer = timers.add(time, task);
    setAlarm();
    return () => {
      timers.remove(timer);
      setAlarm();
    };
  }

  function every(periodMs: number, task: Task): () => void {
    let takeBack = () => {};
    let running = false;
    const tick = (due: number) => {
      takeBack = at(due, async () => {
        // Set before the task runs, so that the task can end the series.
        tick(nextMultiple(Math.max(due, speed > 0 ? now() : due), periodMs));
        if (running) return;
        running = true;
        try {
          await task();
        } finally {
          running = false;
        }
      });
    };
    tick(nextMultiple(now(), periodMs));
    return () => takeBack();
  }

  function background(task: Task): void {
    const work = run(task).finally(() => underWay.delete(work));
    underWay.add(work);
  }

  async function run(task: Task): Promise<void> {
    try {
      await task();
    } catch (error) {
      onError(error);
    }
  }

  async function settle(): Promise<void> {
    while (underWay.size > 0) await Promise.all(underWay);
  }

  function advance(ms: number): Promise<void> {
    if (!(ms >= 0)) throw new RangeError(`The sandbox's clock only moves forward, not by ${ms} ms.`);
    advances += 1;
    advancing = advancing.then(() => moveOn(ms)).finally(endAdvance);
    return advancing;
  }

  async function moveOn(ms: number): Promise<void> {
    const end = now() + ms;
    await settle();
    for (let next = timers.first(); next && next.at <= end && !stopped; next = timers.first()) {
      timers.remove(next);
      moveTo(Math.max(now(), next.at));
      await run(next.task);
      await settle();
    }
    moveTo(Math.max(now(), end));
  }

  function endAdvance(): void {
    advances -= 1;
    setAlarm();
  }

  /** Sets the one real timer to the next timer that falls due. */
  function setAlarm(): void {
    clearTimeout(alarm);
    const next = timers.first();
    if (speed === 0 || advances > 0 || stopped || !next) return;
    const wait = Math.max(0, (next.at - now()) / speed);
    alarm = setTimeout(startDue, Math.min(Math.ceil(wait), LONGEST_TIMEOUT_MS));
  }

  function startDue(): void {
    for (let next = timers.first(); next && next.at <= now(); next = timers.first()) {
      timers.remove(next);
      background(next.task);
    }
    setAlarm();
  }

  function stop(): void {
    stopped = true;
    timers.clear();
    clearTimeout(alarm);
  }

  return { speed, shared, now, at, every, background, advance, stop };
}

function nextMultiple(after: number, periodMs: number): number {
  return (Math.floor(after / periodMs) + 1) * periodMs;
}

function reportToConsole(error: unknown): void {
  console.error("A task of the sandbox failed; the sandbox goes on.", error);
}
