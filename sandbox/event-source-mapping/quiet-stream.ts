/** A reshard keeps shards open for a while after its call; what a call has begun is over by then. */
const SETTLED_MS = 60_000;
/** So often it is read all the same, whatever was missed. */
const QUIET_READ_MS = 30_000;

/** Times on the sandbox's clock, ms. */
export interface StreamTimes {
  readonly now: number;
  /** When something in Kinesis was last written, made or resharded. */
  readonly changedAt: number;
  /** When the stream was last read to its end. */
  readonly readAt: number;
}

/**
 * Whether a stream that was read to its end need not be read again yet. Lambda does read it, once a second, and finds
 * nothing; here each of those reads takes as much real time as a minute of the rest.
 */
export const isQuiet = ({ now, changedAt, readAt }: StreamTimes): boolean =>
  now - changedAt > SETTLED_MS && now - readAt < QUIET_READ_MS;
