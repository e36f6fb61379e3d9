// Watches what a Worker holds: the heap of its isolate by V8's inspector, and all of workerd's process by the kernel.
import { readFileSync } from "node:fs";

export interface MemoryWatch {
  /** The most since the watch began, in bytes. */
  stop(): Promise<MemoryPeak>;
}

export interface MemoryPeak {
  /** Objects of the Worker and what they keep outside the heap: what the limit of 128 MB is about. */
  readonly isolateBytes: number;
  /** The whole process with the runtime and every other Worker in it. */
  readonly processBytes: number;
  readonly samples: number;
}

export interface Watched {
  readonly pid: number | null;
  readonly inspector: URL;
  readonly worker: string;
}

const SAMPLE_MS = 50;
/** The isolate answers between two of its own tasks; one that is silent for so long is not looked at. */
const ANSWER_MS = 5000;

interface HeapUsage {
  readonly usedSize: number;
  readonly embedderHeapUsedSize?: number;
  readonly backingStorageSize?: number;
}

export function watchMemory({ pid, inspector, worker }: Watched): MemoryWatch {
  let [isolateBytes, processBytes, samples] = [0, 0, 0];
  let isOver = false;
  const sampling = (async () => {
    const heap = await openInspector(inspector, worker);
    try {
      while (!isOver) {
        const { usedSize, embedderHeapUsedSize = 0, backingStorageSize = 0 } = await heap.usage();
        isolateBytes = Math.max(isolateBytes, usedSize + embedderHeapUsedSize + backingStorageSize);
        processBytes = Math.max(processBytes, residentBytes(pid));
        samples += 1;
        await new Promise((resolve) => setTimeout(resolve, SAMPLE_MS));
      }
    } finally {
      heap.close();
    }
  })();
  // Whoever stops the watch sees its failure.
  sampling.catch(() => {});
  return {
    stop: async () => {
      isOver = true;
      await sampling;
      return { isolateBytes, processBytes, samples };
    },
  };
}

async function openInspector(inspector: URL, worker: string) {
  const list = await fetch(new URL("/json", `http://${inspector.host}`));
  // The inspector answers as Chrome's does.
  const targets = (await list.json()) as { readonly id: string; readonly webSocketDebuggerUrl: string }[];
  const target = targets.find(({ id }) => id.endsWith(worker));
  if (target === undefined) throw new Error(`The inspector knows no Worker ${worker}.`);
  const socket = new WebSocket(target.webSocketDebuggerUrl);
  await new Promise((resolve, reject) => {
    socket.addEventListener("open", resolve, { once: true });
    socket.addEventListener("error", () => reject(new Error("The inspector does not answer.")), { once: true });
  });
  let id = 0;
  const usage = () =>
    new Promise<HeapUsage>((resolve, reject) => {
      const asked = (id += 1);
      const limit = setTimeout(() => reject(new Error("The isolate has not told its heap in time.")), ANSWER_MS);
      const listen = ({ data }: MessageEvent) => {
        // Answers carry the number of what was asked.
        const answer = JSON.parse(String(data)) as { id?: number; result?: HeapUsage };
        if (answer.id !== asked || answer.result === undefined) return;
        clearTimeout(limit);
        socket.removeEventListener("message", listen);
        resolve(answer.result);
      };
      socket.addEventListener("message", listen);
      socket.send(JSON.stringify({ id: asked, method: "Runtime.getHeapUsage" }));
    });
  return { usage, close: () => socket.close() };
}

function residentBytes(pid: number | null): number {
  try {
    const kilobytes = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "latin1"))?.[1];
    return Number(kilobytes ?? 0) * 1024;
  } catch {
    return 0;
  }
}
