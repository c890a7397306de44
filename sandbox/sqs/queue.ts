import { createHash, randomUUID } from "node:crypto";

/** A message as a reader gets it. */
export interface QueueMessage {
  readonly id: string;
  readonly body: string;
  /** Ms since the epoch on the sandbox's clock. */
  readonly sentAt: number;
}

interface Kept extends QueueMessage {
  visibleAt: number;
  receipt: string;
  receives: number;
}

export interface Queue {
  readonly name: string;
  readonly arn: string;
  /** Gives it other times; what is in it stays. */
  configure(times: QueueTimes): void;
  send(body: string): QueueMessage;
  /** Up to `most` messages, hidden from others until `visibilityMs` is over. */
  receive(most: number, visibilityMs?: number): Received[];
  delete(receipt: string): void;
  /** Keeps a received message hidden for so long from now; 0 shows it again. */
  hide(receipt: string, visibilityMs: number): void;
  purge(): void;
  /** Everything in it, hidden or not, oldest first. */
  messages(): readonly QueueMessage[];
  counts(): { readonly visible: number; readonly hidden: number };
  /** When a message was last sent, received or deleted; ms since the epoch, its creation where none was. */
  lastUsedAt(): number;
}

export interface Received extends QueueMessage {
  readonly receipt: string;
  /** How often it was received, this time included. */
  readonly receives: number;
}

export interface QueueTimes {
  readonly visibilityMs: number;
  readonly retentionMs: number;
  /** What was received so often goes elsewhere instead of being received once more. */
  readonly redrive?: { readonly maxReceives: number; readonly send: (body: string) => void } | undefined;
}

export interface QueueSettings extends QueueTimes {
  readonly name: string;
  readonly arn: string;
}

/** A standard queue in memory. */
export function createQueue(settings: QueueSettings, now: () => number): Queue {
  let kept: Kept[] = [];
  let times: QueueTimes = settings;
  let lastUsedAt = now();

  const prune = () => {
    kept = kept.filter(({ sentAt }) => sentAt > now() - times.retentionMs);
  };

  const redriveWhatFailed = () => {
    const { redrive } = times;
    if (!redrive) return;
    const failed = kept.filter(
      ({ visibleAt, receives }) => visibleAt <= now() && receives >= redrive.maxReceives,
    );
    kept = kept.filter((message) => !failed.includes(message));
    for (const { body } of failed) redrive.send(body);
  };

  return {
    name: settings.name,
    arn: settings.arn,
    configure(changed) {
      times = changed;
    },
    send(body) {
      lastUsedAt = now();
      const message: Kept = {
        id: randomUUID(),
        body,
        sentAt: now(),
        visibleAt: now(),
        receipt: "",
        receives: 0,
      };
      kept.push(message);
      return message;
    },
    receive(most, visibilityMs = times.visibilityMs) {
      prune();
      lastUsedAt = now();
      redriveWhatFailed();
      const visible = kept.filter(({ visibleAt }) => visibleAt <= now()).slice(0, most);
      for (const message of visible) {
        message.visibleAt = now() + visibilityMs;
        message.receipt = randomUUID();
        message.receives += 1;
      }
      return visible.map((message) => ({ ...message }));
    },
    delete(receipt) {
      lastUsedAt = now();
      kept = kept.filter((message) => message.receipt !== receipt);
    },
    hide(receipt, visibilityMs) {
      const message = kept.find((one) => one.receipt === receipt);
      if (message) message.visibleAt = now() + visibilityMs;
    },
    purge() {
      kept = [];
    },
    messages() {
      prune();
      return kept;
    },
    counts() {
      prune();
      const visible = kept.filter(({ visibleAt }) => visibleAt <= now()).length;
      return { visible, hidden: kept.length - visible };
    },
    lastUsedAt: () => lastUsedAt,
  };
}

export function md5(text: string): string {
  return createHash("md5").update(text).digest("hex");
}
