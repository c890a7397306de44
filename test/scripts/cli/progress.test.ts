import { describe, expect, it } from "vitest";
import { whileShown } from "../../../scripts/cli/progress.ts";

function screen(isTTY: boolean) {
  const written: string[] = [];
  return { isTTY, written, write: (text: string) => written.push(text) };
}

describe("what a command waits for", () => {
  it("is said on a terminal, and gone when it is there", async () => {
    const terminal = screen(true);
    const found = await whileShown("Reading the ledger", () => terminal.written.slice(), terminal);
    expect(found).toEqual(["Reading the ledger …"]);
    expect(terminal.written).toEqual(["Reading the ledger …", "\r\u001B[K"]);
  });

  it("is gone before its failure is printed", async () => {
    const terminal = screen(true);
    const failing = whileShown("Reading", () => Promise.reject(new Error("refused")), terminal);
    await expect(failing).rejects.toThrow("refused");
    expect(terminal.written).toEqual(["Reading …", "\r\u001B[K"]);
  });

  it("is not said where nobody looks: a file or a pipe", async () => {
    const pipe = screen(false);
    expect(await whileShown("Reading", () => 7, pipe)).toBe(7);
    expect(pipe.written).toEqual([]);
  });
});
