import { setImmediate } from "node:timers/promises";
import fc from "fast-check";
import { expect, it } from "vitest";
import { inParallel } from "../../../shared/aws/in-parallel.ts";

it("answers in the items' order, does each once, and never more than the limit at once", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.nat(3), { maxLength: 30 }),
      fc.integer({ min: 1, max: 8 }),
      async (turns, limit) => {
        let running = 0;
        let most = 0;
        const started: number[] = [];
        const answers = await inParallel([...turns.entries()], limit, async ([index, turn]) => {
          started.push(index);
          running += 1;
          most = Math.max(most, running);
          for (let each = 0; each <= turn; each += 1) await setImmediate();
          running -= 1;
          return index;
        });
        expect(answers).toEqual([...turns.keys()]);
        expect(started).toEqual([...turns.keys()]);
        expect(most).toBe(Math.min(limit, turns.length));
      },
    ),
  );
});

it("throws what a task throws", async () => {
  const task = async (item: number) => {
    if (item === 2) throw new Error("two is bad");
    return item;
  };
  await expect(inParallel([1, 2, 3], 2, task)).rejects.toThrow("two is bad");
});

it("starts nothing after an error, waits for what was started, and throws the first error in time", async () => {
  const ended: number[] = [];
  const task = async (item: number) => {
    for (let turn = 0; turn < item; turn += 1) await setImmediate();
    ended.push(item);
    if (item !== 5) throw new Error(`${item} is bad`);
  };
  await expect(inParallel([3, 1, 5, 0, 0], 3, task)).rejects.toThrow("1 is bad");
  expect(ended).toEqual([1, 3, 5]);
});

it("starts nothing once it may not, and answers what was done by then", async () => {
  let left = 3;
  const mayStart = () => left-- > 0;
  expect(await inParallel([1, 2, 3, 4, 5], 2, async (item) => item * 10, mayStart)).toEqual([10, 20, 30]);
});
