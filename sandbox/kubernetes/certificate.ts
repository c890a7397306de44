import { generate } from "selfsigned";
import { systemClock } from "../../shared/time/clock.ts";

const DAY = 24 * 3_600_000;

/** PEM. The certificate is its own authority. */
export interface Certificate {
  readonly key: string;
  readonly cert: string;
}

/** A certificate for 127.0.0.1, as a cluster has one of its own authority. Kept in memory only. */
export async function createCertificate(cluster: string): Promise<Certificate> {
  const { private: key, cert } = await generate(
    [{ name: "commonName", value: `reflex sandbox ${cluster}` }],
    {
      keyType: "ec",
      // Clients compare with the machine's clock, not with the sandbox's.
      notBeforeDate: new Date(systemClock.now() - DAY),
      extensions: [
        { name: "basicConstraints", cA: true, critical: true },
        {
          name: "subjectAltName",
          altNames: [
            { type: 7, ip: "127.0.0.1" },
            { type: 2, value: "localhost" },
          ],
        },
      ],
    },
  );
  return { key, cert };
}
