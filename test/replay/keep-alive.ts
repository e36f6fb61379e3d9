// Owns the connections of a replay: a lighter fetch over node:http that keeps them open.
import { Agent, request } from "node:http";
import { Agent as SecureAgent, request as secureRequest } from "node:https";
import type { Fetch } from "@regulars/sdk";

/** A fetch that keeps up to `connections` open, and how to close them. */
export function keepAliveFetch(connections: number): { fetch: Fetch; close: () => void } {
  const options = { keepAlive: true, maxSockets: connections, scheduling: "lifo" } as const;
  const agent = new Agent(options);
  const secureAgent = new SecureAgent(options);
  const fetch: Fetch = (url, { method, headers, body, signal }) =>
    new Promise((resolve, reject) => {
      const isSecure = url.startsWith("https:");
      const length = body === undefined ? {} : { "content-length": Buffer.byteLength(body) };
      const init = { method, headers: { ...headers, ...length }, signal };
      const open = isSecure ? secureRequest : request;
      const sent = open(url, { ...init, agent: isSecure ? secureAgent : agent }, (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("error", reject);
        response.on("end", () => {
          const text = Buffer.concat(chunks).toString("utf8");
          const header = (name: string) => [response.headers[name]].flat()[0] ?? null;
          resolve({ status: response.statusCode ?? 0, headers: { get: header }, text: () => Promise.resolve(text) });
        });
      });
      sent.on("error", reject);
      sent.end(body);
    });
  const close = () => {
    agent.destroy();
    secureAgent.destroy();
  };
  return { fetch, close };
}
