// Every limit of the public surface, with its reason: what a caller may send, and how much of it.

/** A basket of a hypermarket has under 150 lines; 200 keeps the stored order far below a Queue message of 128 KB. */
export const ORDER_LINES_MAX = 200;
/** Units of one line: fuel is sold by the centilitre. */
export const QUANTITY_MAX = 1_000_000;
/** One unit price, discount or total in minor units: ten billion dollars; sums of 200 lines stay exact below 2^53. */
export const MONEY_MAX = 1_000_000_000_000;
/** Points of one movement and of one balance: sums of a million movements stay exact below 2^53. */
export const POINTS_MAX = 1_000_000_000;
/** A request body: an order of 200 lines with long SKUs has about 40 KiB. */
export const BODY_BYTES_MAX = 65_536;
/** Length of an id that the caller chose: order, refund, line, SKU. */
export const CALLER_ID_LENGTH_MAX = 100;
/** Length of an idempotency key (Stripe's limit, which callers know). */
export const IDEMPOTENCY_KEY_LENGTH_MAX = 255;
/** Free text: names, reasons, categories. */
export const TEXT_LENGTH_MAX = 200;
/** Identities of one member: a phone, an email, LINE and a few old cards. */
export const IDENTITIES_MAX = 10;
/** A page of a list. */
export const PAGE_LIMIT_MAX = 100;
export const PAGE_LIMIT_DEFAULT = 20;
/** A hold of a checkout that never ends is lapsed after this at the latest. */
export const HOLD_SECONDS_MAX = 7 * 24 * 3600;
/** How far a till's clock may run ahead of ours before its order is refused. */
export const CLOCK_TOLERANCE_SECONDS = 300;
/** Rules, currencies and tenders of one program: each order evaluates all of them. */
export const RULES_MAX = 200;
export const CURRENCIES_MAX = 20;
/** A condition in CEL: long enough for a screen, short enough to read. */
export const CONDITION_LENGTH_MAX = 1000;
/** A published version of a live tenant takes force after KV has spread it (60 s at most) with room to spare. */
export const PUBLISH_LEAD_SECONDS = 120;
/** Categories, SKUs, stores or tiers that one filter names. */
export const FILTER_ITEMS_MAX = 500;
/** Tiers of one program: more than ten nobody can tell apart; airlines with partner levels come to a dozen. */
export const TIERS_MAX = 20;
/** Rewards of one catalogue. */
export const REWARDS_MAX = 500;
/** Code campaigns that one program knows. */
export const CODE_CAMPAIGNS_MAX = 500;
/** Vouchers and codes on one order. */
export const VOUCHERS_PER_ORDER_MAX = 30;
/** Vouchers that one member holds: each takes part in the quote of a basket. */
export const VOUCHERS_HELD_MAX = 500;
/** Terms and benefit of one reward as text: each of 30 vouchers on an order carries its own into the order's event. */
export const REWARD_BYTES_MAX = 16_000;
/** A point between owners, in thousandths of a minor unit: 9,000 minor units; times POINTS_MAX it stays below 2^53. */
export const CLEARING_VALUE_MAX = 9_000_000;
/** An order that arrives so long after it was placed is marked late. */
export const LATE_ORDER_SECONDS = 3600;
/** A till's allowance: a day at a market without network, with the night after it. */
export const ALLOWANCE_SECONDS_MAX = 48 * 3600;
/** How long after its end an allowance waits for the orders of its till before the rest goes back to the member. */
export const ALLOWANCE_SETTLE_SECONDS = 7 * 24 * 3600;
/** Fields of what is told of an event beside orders. */
export const EVENT_FIELDS_MAX = 50;
/** Tags, or segments, of one member: conditions look at each. */
export const LABELS_MAX = 100;
