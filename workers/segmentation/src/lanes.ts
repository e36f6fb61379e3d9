// Works on several pages of members at a time.
/** Pages at a time: PostgreSQL has more than one core. */
export const LANES = 2;
/** Fewer members than these are not worth a second transaction. */
const WORTH_SHARING = 500;

/** Each lane takes the next page whenever it is through with one. */
export async function sideBySide<Page>(pages: readonly Page[], work: (page: Page) => Promise<void>): Promise<void> {
  const waiting = [...pages];
  const lane = async () => {
    for (let page = waiting.shift(); page !== undefined; page = waiting.shift()) await work(page);
  };
  await Promise.all(Array.from({ length: LANES }, lane));
}

/** Pages of at most so many members, equally long and as many for each lane. */
export function pagesOf(memberIds: readonly string[], size: number): (readonly string[])[] {
  const count = memberIds.length < WORTH_SHARING ? 1 : LANES * Math.ceil(memberIds.length / size / LANES);
  const length = Math.ceil(memberIds.length / count);
  return Array.from({ length: count }, (_, index) => memberIds.slice(index * length, (index + 1) * length));
}
