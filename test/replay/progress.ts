// Shows how far something long has come: a bar on a terminal, a line every few seconds elsewhere.

const BAR_CELLS = 28;
const REDRAW_MS = 100;
const LINE_EVERY_MS = 5_000;

export interface Progress {
  /** So many more are done. */
  add(count: number): void;
  /** So many are done in all; what the first call says was done before. */
  set(done: number): void;
  end(): void;
}

/** Begins a bar of `total` steps. */
export function startProgress(label: string, total: number, output: NodeJS.WriteStream = process.stderr): Progress {
  const start = performance.now();
  const every = output.isTTY ? REDRAW_MS : LINE_EVERY_MS;
  let done = 0;
  let doneBefore = 0;
  let shown = output.isTTY ? 0 : start;
  const show = () => {
    shown = performance.now();
    const line = progressLine({ label, done, doneBefore, total, seconds: (shown - start) / 1000 });
    output.write(output.isTTY ? `\r\u001b[K${line}` : `${line}\n`);
  };
  const step = () => {
    if (performance.now() - shown >= every) show();
  };
  return {
    add: (more) => {
      done += more;
      step();
    },
    set: (all) => {
      if (done === 0) doneBefore = all;
      done = all;
      step();
    },
    end: () => {
      show();
      if (output.isTTY) output.write("\n");
    },
  };
}

/** One line: bar, share, rate, time left. */
export function progressLine({
  label,
  done,
  doneBefore,
  total,
  seconds,
}: {
  label: string;
  done: number;
  doneBefore: number;
  total: number;
  seconds: number;
}) {
  const share = total === 0 ? 1 : Math.min(1, done / total);
  const full = Math.floor(share * BAR_CELLS);
  const bar = "█".repeat(full) + "░".repeat(BAR_CELLS - full);
  const rate = seconds === 0 ? 0 : (done - doneBefore) / seconds;
  const left = share === 1 ? `in ${clock(seconds)}` : `${rate === 0 ? "?" : clock((total - done) / rate)} left`;
  const percent = `${Math.floor(share * 100)} %`.padStart(5);
  return `${label.padEnd(12)} ${bar} ${percent}  ${count(done)}/${count(total)}  ${count(Math.round(rate))}/s  ${left}`;
}

/** 12345 as 12,345. */
export function count(value: number): string {
  return value.toLocaleString("en-US");
}

function clock(seconds: number): string {
  const whole = Math.round(seconds);
  return whole < 60 ? `${whole} s` : `${Math.floor(whole / 60)} min ${whole % 60} s`;
}
