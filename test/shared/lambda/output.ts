import { vi } from "vitest";
import * as z from "zod/mini";

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

const emf = z.object({
  _aws: z.object({
    CloudWatchMetrics: z.array(z.object({ Metrics: z.array(z.object({ Name: z.string() })) })),
  }),
});

/** Whether `name` is a metric of an EMF line, and not only a field of it. */
export function isMetricOf(line: Line, name: string): boolean {
  const parsed = emf.safeParse(line);
  return (
    parsed.success &&
    parsed.data._aws.CloudWatchMetrics.some(({ Metrics }) => Metrics.some(({ Name }) => Name === name))
  );
}
