// Lays rows out in columns that stand under each other, whatever the script of their texts.

/** Two spaces between columns; the first column is text and stands left, numbers stand right. */
export function tableLines(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const widths = head.map((title, column) =>
    Math.max(widthOf(title), ...rows.map((row) => widthOf(row[column] ?? ""))),
  );
  const line = (cells: readonly string[]) =>
    `  ${widths.map((width, column) => padded(cells[column] ?? "", width, column === 0)).join("  ")}`.trimEnd();
  return [line(head), line(widths.map((width) => "─".repeat(width))), ...rows.map(line)];
}

/** Columns of a terminal that a text takes: Chinese characters take two. */
export function widthOf(text: string): number {
  return Array.from(text).reduce(
    (width, one) =>
      width +
      (/[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe4f\uff00-\uff60\uffe0-\uffe6]/.test(one)
        ? 2
        : 1),
    0,
  );
}

/** A bar of so many eighths of cells, for a share in [0, 1]. */
export function bar(share: number, cells: number): string {
  const eighths = Math.round(Math.min(1, Math.max(0, share)) * cells * 8);
  return "█".repeat(Math.floor(eighths / 8)) + (["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"][eighths % 8] ?? "");
}

function padded(text: string, width: number, isLeft: boolean): string {
  const space = " ".repeat(width - widthOf(text));
  return isLeft ? text + space : space + text;
}
