// Decides the colours of the pictures: shades that follow order, ink that is legible on them, and one for each stage.

/** From little to much; lightness falls evenly, so that the order survives any colour blindness and a grey printer. */
const RAMP = ["#f1f6fb", "#d3e3f3", "#aacbe6", "#78a9d3", "#4784b9", "#22609a", "#0d3f73"] as const;
const DARK = "#000000";
const LIGHT = "#ffffff";
/** For the cell that stands for nobody: lighter than the least shade. */
export const EMPTY = "#fafbfc";

/** Stages of life: the hues of Okabe and Ito (2008), told apart by the colour-blind. */
const STAGES: Readonly<Record<string, string>> = {
  new: "#56b4e9",
  active: "#009e73",
  mature: "#0072b2",
  won_back: "#cc79a7",
  at_risk: "#e69f00",
  sleeping: "#d55e00",
  lost: "#6e7781",
};
export const ACCENT = "#22609a";
export const CONTRAST = "#d55e00";

/** The shade for a share in [0, 1] of the most: more is never lighter. */
export function shadeOf(share: number): string {
  const place = Math.min(1, Math.max(0, share)) * (RAMP.length - 1);
  const below = Math.min(RAMP.length - 2, Math.floor(place));
  const [low, high] = [channels(RAMP[below] ?? RAMP[0]), channels(RAMP[below + 1] ?? RAMP[0])];
  const mixed = low.map((one, at) => Math.round(one + ((high[at] ?? one) - one) * (place - below)));
  return `#${mixed.map((one) => one.toString(16).padStart(2, "0")).join("")}`;
}

/** Dark or light ink, whichever is more legible on the colour. */
export function inkOn(colour: string): string {
  return contrast(colour, DARK) >= contrast(colour, LIGHT) ? DARK : LIGHT;
}

export function stageColour(stage: string): string {
  return STAGES[stage] ?? ACCENT;
}

/** The contrast of two colours by WCAG 2.2, from 1 to 21. */
export function contrast(one: string, other: string): number {
  const [lighter = 0, darker = 0] = [luminance(one), luminance(other)].sort((a, b) => b - a);
  return (lighter + 0.05) / (darker + 0.05);
}

/** Relative luminance by WCAG 2.2, from 0 to 1. */
export function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = channels(colour).map((channel) => {
    const share = channel / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function channels(colour: string): number[] {
  return [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16));
}
