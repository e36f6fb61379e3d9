// Decides what may run at once: one thing a person, in order; never more people than local workerd can hold.

export interface LaneOptions {
  readonly concurrency: number;
  /** Called after each action is done. */
  done?(): void;
}

/** How far the order of time may be left: actions taken from the line while their person was busy. */
const WAITING_MAX = 1_000;
/** Local workerd opens three files per member object, keeps it 10 s, and dies near 6,600; the rest is for others. */
const PEOPLE_PER_SPAN_MAX = 5_000;
const SPAN_MS = 10_000;

/** Performs all actions; actions of one person never overlap and keep their order. Rejects with the first throw. */
export function runLanes<Action extends { readonly person: string }>(
  actions: readonly Action[],
  options: LaneOptions,
  perform: (action: Action) => Promise<void>,
): Promise<void> {
  const lanes = new Map<string, Action[]>();
  const pace = makePace(PEOPLE_PER_SPAN_MAX, SPAN_MS);
  let next = 0;
  let active = 0;
  let waiting = 0;
  let isPaused = false;
  return new Promise((resolve, reject) => {
    const start = (action: Action) => {
      active += 1;
      perform(action).then(() => finish(action.person), reject);
    };
    const finish = (person: string) => {
      active -= 1;
      options.done?.();
      const following = lanes.get(person)?.shift();
      if (following === undefined) lanes.delete(person);
      else {
        waiting -= 1;
        start(following);
      }
      fill();
    };
    const fill = () => {
      while (!isPaused && active < options.concurrency && waiting < WAITING_MAX) {
        const action = actions[next];
        if (action === undefined) break;
        const lane = lanes.get(action.person);
        const wait = lane === undefined ? pace(action.person, Date.now()) : 0;
        if (wait > 0) {
          isPaused = true;
          setTimeout(() => {
            isPaused = false;
            fill();
          }, wait);
          break;
        }
        next += 1;
        if (lane === undefined) {
          lanes.set(action.person, []);
          start(action);
        } else {
          lane.push(action);
          waiting += 1;
        }
      }
      if (active === 0 && next === actions.length) resolve();
    };
    fill();
  });
}

/** Says how long to wait before one more person is touched; counts those of this span and of the one before. */
export function makePace(peopleMax: number, spanMs: number): (person: string, now: number) => number {
  let current = new Set<string>();
  let previous = new Set<string>();
  let since = 0;
  return (person, now) => {
    if (now - since >= spanMs) {
      previous = now - since >= 2 * spanMs ? new Set() : current;
      current = new Set();
      since = now;
    }
    if (current.has(person)) return 0;
    if (!previous.has(person) && current.size + previous.size >= peopleMax) return Math.max(1, since + spanMs - now);
    current.add(person);
    previous.delete(person);
    return 0;
  };
}
