// Segments of one tenant as a manager works with them: saved, built by runs until nothing is left to do, and read.
import { expect } from "vitest";
import { until } from "./loyalty-places.ts";
import type { Answer, Request, System } from "./system.ts";

/** A run is a slice of time; the members of these tests need two or three. */
const RUNS_MAX = 40;

export class SegmentPlace {
  readonly #system: System;
  readonly #key: string;

  constructor(system: System, key: string) {
    this.#system = system;
    this.#key = key;
  }

  call(method: string, path: string, body?: unknown, request: Request = {}): Promise<Answer> {
    return this.#system.call(method, `/manage/v1${path}`, body, { key: this.#key, ...request });
  }

  /** A call that must succeed. Returns the body. */
  async ask(method: string, path: string, body?: unknown, request: Request = {}): Promise<Answer["body"]> {
    const answer = await this.call(method, path, body, request);
    expect([answer.status, answer.body.code], `${method} ${path}`).toEqual([200, undefined]);
    return answer.body;
  }

  put(segmentId: string, definition: object, more: object = {}, request: Request = {}): Promise<Answer["body"]> {
    return this.ask("PUT", `/segments/${segmentId}`, { name: segmentId, definition, ...more }, request);
  }

  /** Runs until nothing is left to do, as of `testTime` or now. */
  async run(wish: { night?: boolean; rebuild?: boolean } = {}, testTime?: string): Promise<Answer["body"]> {
    const request = testTime === undefined ? {} : { testTime };
    let asked = await this.ask("POST", "/insights/runs", wish, request);
    for (let times = 1; !asked.finished && times < RUNS_MAX; times += 1) {
      asked = await this.ask("POST", "/insights/runs", {}, request);
    }
    expect(asked).toMatchObject({ ran: true, finished: true });
    return asked;
  }

  /** Waits until PostgreSQL has heard so much that so many members fulfil a definition. */
  heard(definition: object, members: number): Promise<void> {
    const count = async () => (await this.ask("POST", "/segments/preview", { definition, sample: 0 })).members;
    return until(count, members);
  }

  async membersOf(segmentId: string, query = ""): Promise<string[]> {
    const { members } = await this.ask("GET", `/segments/${segmentId}/members?limit=1000${query}`);
    return members.map((member: { memberId: string }) => member.memberId);
  }
}

export const everyone = { kind: "everyone" };
export const bought = (more: object = {}) => ({ kind: "orders", measure: "orders", atLeast: 1, ...more });
