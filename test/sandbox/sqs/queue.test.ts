import { beforeEach, describe, expect, it } from "vitest";
import { createQueue, type Queue } from "../../../sandbox/sqs/queue.ts";

const SECOND = 1000;

let now: number;
let queue: Queue;

beforeEach(() => {
  now = 0;
  queue = createQueue(
    { name: "failed", arn: "arn:failed", visibilityMs: 30 * SECOND, retentionMs: 600 * SECOND },
    () => now,
  );
});

describe("a queue", () => {
  it("hides a received message until its visibility timeout is over", () => {
    queue.send("a");
    const seen = [0, 29, 30].map((seconds) => {
      now = seconds * SECOND;
      return queue.receive(10).map(({ body }) => body);
    });
    expect(seen).toEqual([["a"], [], ["a"]]);
  });

  it("forgets what is deleted by its receipt", () => {
    queue.send("a");
    queue.send("b");
    const [first] = queue.receive(1);
    queue.delete(first?.receipt ?? "");
    expect(queue.messages().map(({ body }) => body)).toEqual(["b"]);
  });

  it("forgets what is older than its retention", () => {
    queue.send("a");
    now = 600 * SECOND;
    expect(queue.messages()).toEqual([]);
  });

  it("hands on what was received as often as its redrive policy says", () => {
    const elsewhere: string[] = [];
    queue.configure({
      visibilityMs: SECOND,
      retentionMs: 600 * SECOND,
      redrive: { maxReceives: 2, send: (body) => void elsewhere.push(body) },
    });
    queue.send("a");
    const seen = [0, 1, 2].map((seconds) => {
      now = seconds * SECOND;
      return queue.receive(10).length;
    });
    expect([seen, elsewhere, queue.messages()]).toEqual([[1, 1, 0], ["a"], []]);
  });

  it("counts what is visible and what is hidden", () => {
    queue.send("a");
    queue.send("b");
    queue.receive(1);
    expect(queue.counts()).toEqual({ visible: 1, hidden: 1 });
  });
});
