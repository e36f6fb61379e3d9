// One keep-alive HTTP/1.1 connection, as cheap as Node allows: the generator must not be what a benchmark measures.
import { connect, type Socket } from "node:net";

export interface Answer {
  readonly status: number;
  readonly body: string;
}

export interface HttpRequest {
  readonly method: string;
  readonly path: string;
  readonly body: string | null;
  /** Lines of headers, each ended by CRLF. */
  readonly headers?: string;
}

const HEAD_END = "\r\n\r\n";

/** Sends one request at a time and reads its answer, of known length or in chunks. */
export class HttpConnection {
  readonly #socket: Socket;
  readonly #common: string;
  #received: Buffer = Buffer.alloc(0);
  #resolve: ((answer: Answer) => void) | null = null;
  #reject: ((error: Error) => void) | null = null;

  private constructor(socket: Socket, common: string) {
    this.#socket = socket;
    this.#common = common;
    socket.on("data", (chunk) => this.#onData(chunk));
    socket.on("error", (error) => this.#fail(error));
    socket.on("close", () => this.#fail(new Error("the connection was closed")));
  }

  /** Connects to a URL's host; `headers` are sent with every request. */
  static open(url: string, headers: Readonly<Record<string, string>>): Promise<HttpConnection> {
    const { hostname, port, host } = new URL(url);
    const lines = Object.entries({ host, ...headers }).map(([name, value]) => `${name}: ${value}\r\n`);
    return new Promise((resolve, reject) => {
      const socket = connect({ host: hostname, port: Number(port), noDelay: true }, () => {
        socket.off("error", reject);
        resolve(new HttpConnection(socket, lines.join("")));
      });
      socket.once("error", reject);
    });
  }

  send({ method, path, body, headers = "" }: HttpRequest): Promise<Answer> {
    const start = `${method} ${path} HTTP/1.1\r\n${this.#common}${headers}`;
    const payload = body === null ? "" : `content-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}`;
    return new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
      this.#socket.write(body === null ? `${start}\r\n` : `${start}${payload}${HEAD_END}${body}`);
    });
  }

  close(): void {
    this.#reject = null;
    this.#socket.destroy();
  }

  #onData(chunk: Buffer): void {
    this.#received = this.#received.length === 0 ? chunk : Buffer.concat([this.#received, chunk]);
    const end = this.#received.indexOf(HEAD_END);
    if (end < 0) return;
    const head = this.#received.toString("latin1", 0, end).toLowerCase();
    const rest = this.#received.subarray(end + HEAD_END.length);
    const body = bodyOf(head, rest);
    if (body === null) return;
    this.#received = Buffer.alloc(0);
    const resolve = this.#resolve;
    this.#resolve = null;
    this.#reject = null;
    resolve?.({ status: Number(head.slice(9, 12)), body });
  }

  #fail(error: Error): void {
    const reject = this.#reject;
    this.#reject = null;
    reject?.(error);
  }
}

/** The whole body, or null while parts of it are on their way. */
function bodyOf(head: string, rest: Buffer): string | null {
  const [, length] = /\r\ncontent-length: *(\d+)/.exec(head) ?? [];
  if (length !== undefined) return rest.length < Number(length) ? null : rest.toString("utf8", 0, Number(length));
  if (!/\r\ntransfer-encoding: *chunked/.test(head)) return "";
  const parts: Buffer[] = [];
  for (let at = 0; ;) {
    const lineEnd = rest.indexOf("\r\n", at);
    if (lineEnd < 0) return null;
    const size = Number.parseInt(rest.toString("latin1", at, lineEnd), 16);
    const start = lineEnd + 2;
    if (rest.length < start + size + 2) return null;
    if (size === 0) return Buffer.concat(parts).toString("utf8");
    parts.push(rest.subarray(start, start + size));
    at = start + size + 2;
  }
}
