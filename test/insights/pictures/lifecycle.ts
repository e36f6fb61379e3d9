// Draws how many members stand at each stage of their life with the brand, as bars.
import type { NamedSum } from "../findings.ts";
import type { Words } from "../words.ts";
import { stageColour } from "./colours.ts";
import { page, PAGE_LEFT, PAGE_TOP, rect, type Svg, text } from "./svg.ts";

/** From arriving to leaving. */
const ORDER = ["new", "active", "mature", "won_back", "at_risk", "sleeping", "lost"] as const;
const BAR_LEFT = 170;
const BAR_WIDTH = 420;
const ROW_HEIGHT = 42;
const WIDTH = 760;

export function drawLifecycle(stages: readonly NamedSum[], day: string, words: Words): string {
  const sized = ORDER.map((stage) => ({ stage, members: stages.find(({ name }) => name === stage)?.members ?? 0 }));
  const total = sized.reduce((sum, { members }) => sum + members, 0);
  const most = Math.max(1, ...sized.map(({ members }) => members));
  return page(
    {
      width: WIDTH,
      height: PAGE_TOP + ORDER.length * ROW_HEIGHT + 40,
      title: words.say("title.lifecycle"),
      subtitle: [words.say("note.asOf", { day }), words.say("note.members", { members: words.count(total) })].join(
        " · ",
      ),
    },
    sized.flatMap(({ stage, members }, row) => drawRow({ stage, members, row }, { total, most }, words)),
  );
}

function drawRow(
  { stage, members, row }: { stage: (typeof ORDER)[number]; members: number; row: number },
  { total, most }: { total: number; most: number },
  words: Words,
): Svg[] {
  const top = PAGE_TOP + 12 + row * ROW_HEIGHT;
  const middle = top + ROW_HEIGHT / 2;
  const width = (members / most) * BAR_WIDTH;
  return [
    text(words.say(`stage.${stage}`), { x: PAGE_LEFT, y: middle + 5, size: 15 }),
    rect({ x: BAR_LEFT, y: top + 7, width, height: ROW_HEIGHT - 14, fill: stageColour(stage), radius: 2 }),
    text(`${words.count(members)}  (${words.percent(total === 0 ? 0 : members / total, 1)})`, {
      x: BAR_LEFT + width + 10,
      y: middle + 5,
      size: 14,
    }),
  ];
}
