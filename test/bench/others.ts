// The ceiling and the peers as subjects.
import type { Ceiling } from "./ceiling.ts";
import { expectMembers, expectMore } from "./expectation.ts";
import type { Peer } from "./peer/peer.ts";
import { untilAtRest } from "./processes.ts";
import { OPERATIONS } from "./requests.ts";
import type { Shape, Subject, SubjectName } from "./subject.ts";

const HOT_WARM_SECONDS = 0.3;
const WARM_SECONDS_MAX = 60;

/** Names of objects, or of members, of one hot and many spread. */
export function memberNames(members: number): Readonly<Record<Shape, readonly string[]>> {
  const name = (place: number) => `mbr_${String(place).padStart(26, "0")}`;
  return { hot: [name(0)], spread: Array.from({ length: members }, (_, place) => name(place + 1)) };
}

export function ceilingSubject(ceiling: Ceiling, members: number): Subject {
  const names = memberNames(members);
  return {
    name: "ceiling",
    url: ceiling.url,
    key: "rpc",
    pid: () => ceiling.pid,
    operations: ["earn"],
    membersOf: (shape) => names[shape],
    warm: (shape, run) =>
      shape === "hot"
        ? run({ operation: "earn", seconds: HOT_WARM_SECONDS })
        : run({ operation: "earn", seconds: WARM_SECONDS_MAX, once: true }),
    note: () => {},
    verify: () => Promise.resolve(),
    settle: () => untilAtRest(ceiling.pid),
  };
}

export function peerSubject(name: SubjectName, peer: Peer, members: number): Subject {
  const names = memberNames(members);
  const expected = { hot: expectMembers(names.hot), spread: expectMembers(names.spread) };
  return {
    name,
    url: peer.url,
    key: peer.key,
    pid: () => peer.pid,
    operations: OPERATIONS,
    membersOf: (shape) => names[shape],
    warm: (_shape, run) => run({ operation: "earn", seconds: HOT_WARM_SECONDS }),
    note: (shape, operation, done) => expectMore(expected[shape], operation, done),
    verify: (shape) => peer.verify(expected[shape]),
    settle: () => untilAtRest(peer.pid),
  };
}
