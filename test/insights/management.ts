// Asks the management API about one tenant as of a day; every answer is checked by the schema of its contract.
import { setTimeout as sleep } from "node:timers/promises";

/** What a schema of zod does here. */
interface Shape<Answer> {
  parse(value: unknown): Answer;
}

export interface Management {
  read<Answer>(path: string, shape: Shape<Answer>): Promise<Answer>;
  post<Answer>(path: string, body: object, shape: Shape<Answer>): Promise<Answer>;
}

/** A machine that is busy with something else is waited for, two minutes in all. */
const ATTEMPTS_MAX = 40;
const RETRY_MS = 3000;
const TRY_LATER = [429, 503];

/** `testTime` is the tenant's clock, which only a sandbox has; null for the real one. */
export function managementOf(
  { url, manageKey }: { readonly url: string; readonly manageKey: string },
  testTime: string | null,
): Management {
  const headers = {
    authorization: `Bearer ${manageKey}`,
    "content-type": "application/json",
    ...(testTime !== null && { "regulars-test-time": testTime }),
  };
  const ask = async (path: string, init: RequestInit) => JSON.parse(await send(`${url}${path}`, { ...init, headers }));
  return {
    read: async (path, shape) => shape.parse(await ask(path, { method: "GET" })),
    post: async (path, body, shape) => shape.parse(await ask(path, { method: "POST", body: JSON.stringify(body) })),
  };
}

async function send(address: string, init: RequestInit): Promise<string> {
  for (let attempt = 1; ; attempt += 1) {
    const response = await fetch(address, init).catch((cause: unknown) => {
      throw new Error(`${address} does not answer. Is the system there? \`npm start\` starts one here.`, { cause });
    });
    const text = await response.text();
    if (response.ok) return text;
    const isLater = TRY_LATER.includes(response.status);
    if (!isLater || attempt === ATTEMPTS_MAX) {
      throw new Error(`${init.method} ${address} answered ${response.status}: ${text.slice(0, 2000)}`);
    }
    await sleep(RETRY_MS);
  }
}
