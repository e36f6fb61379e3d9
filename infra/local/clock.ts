// Fires the cron triggers of all Workers at their minutes, which workerd by itself does not.
import { parseCron } from "./cron.ts";

const MINUTE_MILLISECONDS = 60_000;

export interface Trigger {
  readonly worker: string;
  readonly cron: string;
}

/** Calls `fire` for each trigger of each minute; a failed one is said and forgotten, as in production. */
export function startClock(
  triggers: readonly Trigger[],
  fire: (trigger: Trigger, time: Date) => Promise<unknown>,
  say: (line: string) => void,
): () => void {
  const due = triggers.map((trigger) => ({ trigger, isDue: parseCron(trigger.cron) }));
  let timer: NodeJS.Timeout;
  const wait = () => {
    const next = (Math.floor(Date.now() / MINUTE_MILLISECONDS) + 1) * MINUTE_MILLISECONDS;
    timer = setTimeout(() => {
      const time = new Date(next);
      for (const { trigger, isDue } of due) {
        if (!isDue(time)) continue;
        fire(trigger, time).catch((error: unknown) =>
          say(`Cron ${trigger.worker} "${trigger.cron}": ${String(error)}`),
        );
      }
      wait();
    }, next - Date.now());
  };
  wait();
  return () => clearTimeout(timer);
}
