// Single calls of a benchmark's preparation and checks; any answer but a success throws.

const CONCURRENCY = 16;

/** One call with a key of its own; answers the parsed body. */
export async function ask<Body>(
  url: string,
  key: string,
  method: "GET" | "POST" | "PUT",
  path: string,
  body?: object,
): Promise<Body> {
  const headers = {
    authorization: `Bearer ${key}`,
    "content-type": "application/json",
    "idempotency-key": crypto.randomUUID(),
  };
  const response = await fetch(`${url}${path}`, { method, headers, ...(body && { body: JSON.stringify(body) }) });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}: ${text.slice(0, 1000)}`);
  // The caller names the contract's answer of the operation that it calls.
  return JSON.parse(text) as Body;
}

/** Runs `one` for each item, so many at a time and at most `perSecond` in a second; results in order. */
export async function forEach<Item, Result>(
  items: readonly Item[],
  one: (item: Item, place: number) => Promise<Result>,
  perSecond = Infinity,
): Promise<Result[]> {
  const results: Result[] = [];
  const start = performance.now();
  let next = 0;
  const worker = async () => {
    for (let place = next++; place < items.length; place = next++) {
      const wait = start + (place / perSecond) * 1000 - performance.now();
      if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
      // The guarantee of the cast: place is within the list.
      results[place] = await one(items[place] as Item, place);
    }
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, worker));
  return results;
}
