/** Where a command says what it is doing: stderr, so that what it found can be piped. */
export interface Screen {
  readonly isTTY?: boolean | undefined;
  write(text: string): unknown;
}

const CLEAR_LINE = "\r\u001B[K";

/** On a terminal, says what is being waited for, until it is there. Elsewhere it says nothing. */
export async function whileShown<T>(
  what: string,
  work: () => T | Promise<T>,
  screen: Screen = process.stderr,
): Promise<T> {
  if (!screen.isTTY) return work();
  screen.write(`${what} …`);
  try {
    return await work();
  } finally {
    screen.write(CLEAR_LINE);
  }
}
