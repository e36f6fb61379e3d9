// What a draft does besides points: counters, vouchers, tier, activity, labels, facts, dues and duties, seen over the state.
import type {
  ActivityChange,
  CounterChange,
  DayActivity,
  Due,
  Duty,
  Effects,
  TierRecord,
  VoucherRecord,
} from "@regulars/contracts/events-effects";
import { lastActiveDay } from "./lot-ends.ts";
import { isOpenVoucher, sumOfActivity } from "./state-effects.ts";
import type { MemberState } from "./state.ts";

const NO_ACTIVITY: DayActivity = { spend: 0, orders: 0, points: {}, events: {} };

export class DraftEffects {
  readonly #state: MemberState;
  readonly #counters: CounterChange[] = [];
  readonly #activity: ActivityChange[] = [];
  readonly #vouchers = new Map<string, VoucherRecord>();
  readonly #facts = new Map<string, unknown>();
  readonly #dues: Due[] = [];
  readonly #duties: Duty[] = [];
  #lastActive: { readonly changes: number; readonly day: string | null } | undefined;
  #tier: TierRecord | null | undefined;
  #tags: readonly string[] | undefined;
  #segments: readonly string[] | undefined;

  constructor(state: MemberState) {
    this.#state = state;
  }

  /** A counter as this draft leaves it. */
  counter(name: string): number {
    const before = this.#state.counters.get(name)?.value ?? 0;
    return this.#counters.reduce((sum, change) => (change.name === name ? sum + change.by : sum), before);
  }

  /** Adds to counters; changes of zero are left out. */
  count(changes: readonly CounterChange[]): void {
    this.#counters.push(...changes.filter(({ by }) => by !== 0));
  }

  /** What paid orders and events of a local day come to, as this draft leaves it. */
  day(day: string): DayActivity {
    const before = this.#state.activity.get(day) ?? NO_ACTIVITY;
    return this.#activity.reduce((sum, one) => (one.day === day ? sumOfActivity(sum, one.change) : sum), before);
  }

  /** All local days with anything on them, oldest first. */
  days(): readonly (readonly [day: string, figures: DayActivity])[] {
    const days = new Set([...this.#state.activity.keys(), ...this.#activity.map(({ day }) => day)]);
    return [...days].sort().map((day) => [day, this.day(day)] as const);
  }

  /** Each day once, in no order: for sums over many days. */
  *figures(): Generator<readonly [day: string, figures: DayActivity]> {
    const changed = new Set(this.#activity.map(({ day }) => day));
    for (const [day, figures] of this.#state.activity) yield [day, changed.delete(day) ? this.day(day) : figures];
    for (const day of changed) yield [day, this.day(day)];
  }

  /** Whether this draft changes what some day came to. */
  get movesActivity(): boolean {
    return this.#activity.length > 0;
  }

  /** The last local day with a paid order or a recorded activity, as this draft leaves it, or null. */
  lastActiveDay(): string | null {
    if (this.#lastActive?.changes !== this.#activity.length) {
      this.#lastActive = { changes: this.#activity.length, day: lastActiveDay(this.figures()) };
    }
    return this.#lastActive.day;
  }

  /** Adds to the figures of a local day. */
  addActivity(day: string, change: DayActivity): void {
    this.#activity.push({ day, change });
  }

  /** A voucher as this draft leaves it; final ones are known only within the draft that ended them. */
  voucher(id: string): VoucherRecord | undefined {
    return this.#vouchers.get(id) ?? this.#state.vouchers.get(id);
  }

  /** Vouchers that are issued or reserved, in the order in which they came. */
  openVouchers(): readonly VoucherRecord[] {
    const all = new Map([...this.#state.vouchers, ...this.#vouchers]);
    return [...all.values()].filter(isOpenVoucher);
  }

  putVoucher(voucher: VoucherRecord): void {
    this.#vouchers.set(voucher.id, voucher);
  }

  /** How many vouchers this draft has touched: part of the id of a new one. */
  get touchedVouchers(): number {
    return this.#vouchers.size;
  }

  get tier(): TierRecord | null {
    return this.#tier === undefined ? this.#state.tier : this.#tier;
  }

  setTier(tier: TierRecord | null): void {
    this.#tier = tier;
  }

  get tags(): readonly string[] {
    return this.#tags ?? this.#state.tags;
  }

  setTags(tags: readonly string[]): void {
    this.#tags = tags;
  }

  get segments(): readonly string[] {
    return this.#segments ?? this.#state.segments;
  }

  setSegments(segments: readonly string[]): void {
    this.#segments = segments;
  }

  /** A fact by name, or null. The writer of a name alone knows its shape. */
  fact<Value>(name: string): Value | null {
    const value = this.#facts.has(name) ? this.#facts.get(name) : this.#state.facts.get(name);
    return (value ?? null) as Value | null;
  }

  /** Facts whose names begin with `prefix`, in the order in which they came. */
  factsUnder<Value>(prefix: string): readonly Value[] {
    const names = new Set(
      [...this.#state.facts.keys(), ...this.#facts.keys()].filter((name) => name.startsWith(prefix)),
    );
    return [...names].flatMap((name) => this.fact<Value>(name) ?? []);
  }

  setFact(name: string, value: unknown): void {
    this.#facts.set(name, value);
  }

  owe(dues: readonly Due[]): void {
    this.#dues.push(...dues.filter(({ amountMilli }) => amountMilli !== 0));
  }

  require(...duties: readonly Duty[]): void {
    this.#duties.push(...duties);
  }

  /** The parts of an event's body that this draft fills; nothing else is written. */
  body(): Effects {
    return {
      ...(this.#counters.length > 0 && { counters: this.#counters }),
      ...(this.#activity.length > 0 && { activity: this.#activity }),
      ...(this.#vouchers.size > 0 && { vouchers: [...this.#vouchers.values()] }),
      ...(this.#tier !== undefined && { tier: this.#tier }),
      ...(this.#tags !== undefined && { tags: this.#tags }),
      ...(this.#segments !== undefined && { segments: this.#segments }),
      ...(this.#facts.size > 0 && { facts: Object.fromEntries(this.#facts) }),
      ...(this.#dues.length > 0 && { dues: this.#dues }),
      ...(this.#duties.length > 0 && { duties: this.#duties }),
    };
  }
}
