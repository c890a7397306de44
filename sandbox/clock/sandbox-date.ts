import { readShared } from "./clock.ts";

/**
 * Makes `Date` of this thread show the sandbox's time: `Date.now()` and `new Date()`. A date made from a
 * value stays what it is, and `performance` and timers go on in real time.
 */
export function showSandboxTime(shared: SharedArrayBuffer): void {
  const RealDate = globalThis.Date;
  const now = () => readShared(shared, RealDate.now());
  globalThis.Date = new Proxy(RealDate, {
    apply: () => new RealDate(now()).toString(),
    construct: (target, args, newTarget) =>
      Reflect.construct(target, args.length === 0 ? [now()] : args, newTarget),
    get: (target, key, receiver) => (key === "now" ? now : Reflect.get(target, key, receiver)),
  });
}
