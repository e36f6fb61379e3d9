// Writes SVG: elements with checked numbers and escaped text, and the page that every picture stands on.

export type Svg = { readonly markup: string };
type Attributes = Readonly<Record<string, string | number>>;

/** Whatever the reader's machine has; pictures carry no fonts. */
const FONTS = `"Noto Sans TC","Noto Sans CJK TC","PingFang TC","Microsoft JhengHei","Noto Sans",Arial,sans-serif`;
export const INK = "#1b1f24";
export const QUIET = "#57606a";
export const HAIRLINE = "#d0d7de";
const PAPER = "#ffffff";
const MARGIN = 28;
const TITLE_SIZE = 21;
const SUBTITLE_SIZE = 13;
/** Below this the title and the line under it are done. */
export const PAGE_TOP = 92;
export const PAGE_LEFT = MARGIN;

/** A whole picture with its title, one line under it, and both again for who cannot see it. */
export function page(
  { width, height, title, subtitle }: { width: number; height: number; title: string; subtitle: string },
  children: readonly Svg[],
): string {
  const root = element(
    "svg",
    {
      xmlns: "http://www.w3.org/2000/svg",
      viewBox: `0 0 ${rounded(width)} ${rounded(height)}`,
      width,
      height,
      role: "img",
      "font-family": FONTS,
    },
    [
      { markup: `<title>${escaped(title)}</title><desc>${escaped(subtitle)}</desc>` },
      rect({ x: 0, y: 0, width, height, fill: PAPER }),
      text(title, { x: MARGIN, y: 42, size: TITLE_SIZE, weight: 700 }),
      text(subtitle, { x: MARGIN, y: 66, size: SUBTITLE_SIZE, fill: QUIET }),
      ...children,
    ],
  );
  return `<?xml version="1.0" encoding="UTF-8"?>\n${root.markup}\n`;
}

/** Throws for a number that is none: a picture with NaN in it would be drawn, and be wrong. */
export function element(name: string, attributes: Attributes, children: readonly Svg[] = []): Svg {
  const written = Object.entries(attributes).map(([key, value]) => {
    const plain = typeof value === "number" ? rounded(value) : escaped(value);
    return ` ${key}="${plain}"`;
  });
  const inside = children.map(({ markup }) => markup).join("");
  return {
    markup: inside === "" ? `<${name}${written.join("")}/>` : `<${name}${written.join("")}>${inside}</${name}>`,
  };
}

export function rect(of: { x: number; y: number; width: number; height: number; fill: string; radius?: number }): Svg {
  const { radius = 0, ...rest } = of;
  return element("rect", radius === 0 ? rest : { ...rest, rx: radius });
}

export function line(of: { x1: number; y1: number; x2: number; y2: number; stroke?: string; dashed?: boolean }): Svg {
  const { stroke = HAIRLINE, dashed = false, ...ends } = of;
  return element("line", { ...ends, stroke, "stroke-width": 1, ...(dashed && { "stroke-dasharray": "5 4" }) });
}

export interface TextStyle {
  readonly x: number;
  readonly y: number;
  readonly size?: number;
  readonly weight?: number;
  readonly fill?: string;
  readonly anchor?: "start" | "middle" | "end";
  /** Turned by so many degrees about its place. */
  readonly turned?: number;
}

export function text(words: string, style: TextStyle): Svg {
  const { x, y, size = 13, weight = 400, fill = INK, anchor = "start", turned } = style;
  const attributes = {
    x,
    y,
    "font-size": size,
    fill,
    ...(weight !== 400 && { "font-weight": weight }),
    ...(anchor !== "start" && { "text-anchor": anchor }),
    ...(turned !== undefined && { transform: `rotate(${rounded(turned)} ${rounded(x)} ${rounded(y)})` }),
  };
  return element("text", attributes, [{ markup: escaped(words) }]);
}

/** Text for both element and attribute; characters that XML cannot hold are left out. */
export function escaped(words: string): string {
  const escapes: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
  return Array.from(words)
    .filter((one) => one >= " " || one === "\t" || one === "\n")
    .map((one) => escapes[one] ?? one)
    .join("");
}

/** To a hundredth of a pixel. */
function rounded(value: number): string {
  if (!Number.isFinite(value)) throw new Error(`A picture cannot hold the number ${value}`);
  return String(Math.round(value * 100) / 100);
}
