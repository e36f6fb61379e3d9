// Answers the local control port: tests and people crash, stop and start parts of the running system by it.
import { createServer, type IncomingMessage } from "node:http";

/** A command answers what it did; one that throws answers its message. */
export type Commands = Readonly<Record<string, (query: URLSearchParams) => Promise<object>>>;

/** Serves `POST /_local/<command>` to this machine; returns how to close it. */
export async function startControl(port: number, commands: Commands): Promise<() => void> {
  const server = createServer((request, response) => {
    answer(request, commands).then(
      ([status, body]) => {
        response.writeHead(status, { "content-type": "application/json" }).end(`${JSON.stringify(body)}\n`);
      },
      (error: unknown) => {
        const message = error instanceof Error ? error.message : String(error);
        response.writeHead(500, { "content-type": "application/json" }).end(`${JSON.stringify({ error: message })}\n`);
      },
    );
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen({ port, host: "127.0.0.1" }, resolve);
  });
  return () => {
    server.closeAllConnections();
    server.close();
  };
}

async function answer(request: IncomingMessage, commands: Commands): Promise<[status: number, body: object]> {
  // A page in the developer's browser must not stop the system: only browsers send this header.
  if (request.headers.origin !== undefined) return [403, { error: "Browsers may not use the control port." }];
  const { pathname, searchParams } = new URL(request.url ?? "/", "http://127.0.0.1");
  const command = commands[pathname.replace(/^\/_local\//, "")];
  if (request.method !== "POST" || command === undefined) {
    const known = Object.keys(commands).map((name) => `POST /_local/${name}`);
    return [404, { error: "There is no such command.", commands: known }];
  }
  return [200, await command(searchParams)];
}
