// Chooses the ports of the local system: one is asked for, all others are whatever is free.
import { createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

/** Below the range from which systems take outgoing ports, so that a preferred port is rarely taken by chance. */
const PREFERRED_FROM = 20_000;
const PREFERRED_PER_STACK = 10;
const FREE_ATTEMPTS_MAX = 20;
const FREE_POLL_MILLISECONDS = 50;

/** The same free port each time where possible: a function of the public port and of what it is for. */
export async function chooseInnerPort(publicPort: number, offset: number): Promise<number> {
  const preferred = PREFERRED_FROM + (publicPort % 1000) * PREFERRED_PER_STACK + offset;
  return (await isFree(preferred)) ? preferred : await anyFreePort();
}

/** Whether the port is free, or becomes so at once: a process that was just killed still holds its own for a moment. */
export async function becomesFree(port: number): Promise<boolean> {
  for (let attempt = 1; attempt < FREE_ATTEMPTS_MAX; attempt += 1) {
    if (await isFree(port)) return true;
    await sleep(FREE_POLL_MILLISECONDS);
  }
  return isFree(port);
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once("error", () => resolve(false));
    probe.listen({ port, host: "127.0.0.1" }, () => probe.close(() => resolve(true)));
  });
}

export function anyFreePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once("error", reject);
    probe.listen({ port: 0, host: "127.0.0.1" }, () => {
      const address = probe.address();
      const port = typeof address === "object" && address !== null ? address.port : 0;
      probe.close(() => resolve(port));
    });
  });
}
