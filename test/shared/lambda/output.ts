import { vi } from "vitest";

export type Line = Readonly<Record<string, unknown>>;

/** What the functions under test print as JSON lines, in place of printing it. */
export interface Output {
  /** The lines since the last call, oldest first. */
  take(): Line[];
  restore(): void;
}

export function captureOutput(): Output {
  let text = "";
  const spies = [process.stdout, process.stderr].map((stream) =>
    vi.spyOn(stream, "write").mockImplementation((chunk) => {
      text += String(chunk);
      return true;
    }),
  );
  return {
    take: () => {
      const lines = text.split("\n").filter((line) => line.startsWith("{"));
      text = "";
      return lines.map((line) => JSON.parse(line));
    },
    restore: () => {
      for (const spy of spies) spy.mockRestore();
    },
  };
}

/** The EMF lines among them. */
export function metricsIn(lines: readonly Line[]): Line[] {
  return lines.filter((line) => "_aws" in line);
}
