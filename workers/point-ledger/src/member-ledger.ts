// The member's object: opens and migrates the book, runs each call in the next commit, and keeps the one alarm armed.
import { DurableObject } from "cloudflare:workers";
import type { MemberEvent } from "@regulars/contracts/events";
import type {
  BasketCommand,
  CallContext,
  ChangeCommand,
  EnrolCommand,
  LedgerAudit,
  MemberLedgerRpc,
  OrderCommand,
  RefundCommand,
  Reply,
  StatementPage,
  WriteContext,
} from "@regulars/contracts/rpc";
import type { ActAnswer, ActAsk, ActName, LookAnswer, LookAsk, LookName } from "@regulars/contracts/acts";
import type { AdjustmentWish } from "@regulars/domain/adjustments";
import { NOTHING_PREPARED, type Prepared } from "@regulars/domain/moment";
import type { CompiledProgram } from "@regulars/domain/program";
import { acts, looks } from "./acts/registry.ts";
import { AlarmClock } from "./alarm-clock.ts";
import { audit } from "./audit.ts";
import { Book } from "./book.ts";
import { CommitQueue } from "./commit-queue.ts";
import { refused, type Outcome } from "./commands.ts";
import { dutyHandlers } from "./duty-handlers.ts";
import { IntentLost } from "./duty-rows.ts";
import { Duties } from "./duties.ts";
import { followUp } from "./follow-up.ts";
import * as members from "./member-calls.ts";
import * as orders from "./order-calls.ts";
import * as points from "./point-calls.ts";
import { knownProgram, loadProgram } from "./programs.ts";
import { prepareBasket, prepareWanted, type WantedOrder } from "./preparation.ts";
import { prepareAct } from "./prepare.ts";
import { publishFrom, relayed } from "./publish.ts";
import { currentOf } from "./tenant-records.ts";
import { abandonWallets, withAccounts } from "./wallet-prepare.ts";

export class MemberLedger extends DurableObject<Env> implements MemberLedgerRpc {
  #book: Book;
  readonly #queue: CommitQueue;
  readonly #clock: AlarmClock;
  readonly #duties: Duties;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#book = this.#open();
    this.#clock = new AlarmClock(ctx.storage, () => this.#book);
    const transaction = (work: () => void) => ctx.storage.transactionSync(work);
    this.#queue = new CommitQueue(transaction, () => this.#reload());
    const arm = (events: readonly MemberEvent[]) => this.#clock.arm(Date.now(), events);
    const follow = () => ({ env: this.env, book: () => this.#book, queue: this.#queue, arm });
    this.#duties = new Duties({
      env: () => this.env,
      book: () => this.#book,
      handlers: dutyHandlers,
      submit: (work) => this.#queue.submit(work),
      follow: (told, answer, ended) => followUp(follow(), told, answer, ended),
    });
    if (this.#book.exists) void ctx.blockConcurrencyWhile(() => this.#clock.wakeUp());
  }

  async quote(context: CallContext, basket: BasketCommand) {
    const program = await this.#program(context.tenantId, context.programVersion);
    if (program === null) return refused({ code: "program_missing" });
    const prepared = await prepareBasket({ env: this.env, book: this.#book, program }, context, basket);
    if ("code" in prepared) return refused(prepared);
    return this.#look(() => orders.quote(this.#book, program, context, basket, prepared));
  }

  putOrder(context: WriteContext, order: OrderCommand) {
    return this.#decidingOrder(
      context,
      order.orderId,
      (program, prepared) => orders.putOrder(this.#book, program, context, order, prepared),
      { context, order },
    );
  }

  async act<Name extends ActName>(
    context: WriteContext,
    name: Name,
    ask: ActAsk<Name>,
  ): Promise<Reply<ActAnswer<Name>>> {
    const handler = acts[name];
    if (handler === undefined) throw new Error(`no act ${name}`);
    const program = await this.#program(context.tenantId, context.programVersion);
    try {
      const desk = { env: this.env, book: this.#book, program, context };
      const prepared = await withAccounts(desk, await prepareAct(desk, name, ask));
      return await this.#run(context, () => handler({ book: this.#book, program, prepared }, context, ask));
    } catch (error) {
      if (!(error instanceof IntentLost)) throw error;
      return this.act(context, name, ask);
    }
  }

  async look<Name extends LookName>(
    context: CallContext,
    name: Name,
    ask: LookAsk<Name>,
  ): Promise<Reply<LookAnswer<Name>>> {
    const handler = looks[name];
    if (handler === undefined) throw new Error(`no look ${name}`);
    const program = await this.#program(context.tenantId, context.programVersion);
    return this.#look(() => handler({ book: this.#book, program }, context, ask));
  }

  getOrder(context: CallContext, orderId: string) {
    return this.#look(() => orders.getOrder(this.#book, context, orderId));
  }

  refundOrder(context: WriteContext, refund: RefundCommand) {
    return this.#decidingOrder(context, refund.orderId, (program) =>
      orders.refundOrder(this.#book, program, context, refund),
    );
  }

  undoOrder(context: CallContext, orderId: string) {
    return this.#decidingOrder(context, orderId, (program) => orders.undoOrder(this.#book, program, context, orderId));
  }

  adjust(context: WriteContext, wish: AdjustmentWish) {
    return this.#deciding(context, context.programVersion, (program) =>
      points.adjust(this.#book, program, context, wish),
    );
  }

  placeHold(context: WriteContext, wish: { currency: string; points: number; ttlSeconds: number }) {
    return this.#deciding(context, context.programVersion, (program) =>
      points.placeHold(this.#book, program, context, wish),
    );
  }

  captureHold(context: WriteContext, holdId: string, count: number | null) {
    return this.#deciding(context, context.programVersion, (program) =>
      points.captureHold(this.#book, program, context, { holdId, points: count }),
    );
  }

  voidHold(context: WriteContext, holdId: string) {
    return this.#deciding(context, context.programVersion, (program) =>
      points.voidHold(this.#book, program, context, holdId),
    );
  }

  async balances(context: CallContext) {
    const program = await this.#program(context.tenantId, context.programVersion);
    return this.#look(() => points.balances(this.#book, program, context));
  }

  statement(context: CallContext, page: StatementPage) {
    return this.#look(() => points.statement(this.#book, context, page));
  }

  member(context: CallContext) {
    return this.#look(() => members.member(this.#book, context));
  }

  enrol(context: WriteContext, wanted: EnrolCommand) {
    return this.#run(context, () => members.enrol(this.#book, context, wanted));
  }

  change(context: WriteContext, wanted: ChangeCommand) {
    return this.#run(context, () => members.change(this.#book, context, wanted));
  }

  erase(context: CallContext) {
    return this.#run(context, () => members.erase(this.#book, context));
  }

  settleClaim(context: CallContext, identityHash: string) {
    return this.#queue.submit(() => members.settleClaim(this.#book, context, identityHash));
  }

  async confirm(_memberId: string, epoch: number, sequences: readonly number[]): Promise<number> {
    if (epoch !== this.#book.state.epoch) return this.#clock.confirmedSequence;
    return this.#clock.confirm(sequences, this.#queue);
  }

  publishFrom(_context: CallContext, sequence: number): Promise<number> {
    return publishFrom(this.env, this.#book, sequence - 1);
  }

  async audit(_context: CallContext): Promise<LedgerAudit> {
    return audit(this.#book, this.#clock.confirmedSequence);
  }

  override async alarm(): Promise<void> {
    this.#clock.forget();
    const now = Date.now();
    const publishing = this.#clock.publishingIsDue(now);
    if (this.#book.exists && !this.#book.state.testTime && this.#book.dueAt(now) <= now) {
      // Without the tenant's record, time settles points alone.
      const tenantId = this.#book.store.owner()?.tenantId ?? "";
      const current = (await currentOf(this.env, tenantId, now)) ?? this.#book.current;
      await this.#queue.submit(() => {
        this.#book.current = current;
        this.#book.settle({ now, testTime: false });
      });
    }
    if (publishing) await this.#clock.publishAgain(this.env, now, this.#queue);
    else this.#clock.arm(now);
    await this.#tellDuties();
  }

  // A duty that fails is told again by the alarm, which is armed for it in any case.
  async #tellDuties(): Promise<void> {
    if (!this.#book.exists || this.#book.duties.nextAt() === null) return;
    try {
      await this.#duties.run();
    } catch (error) {
      console.warn(JSON.stringify({ message: "duties could not be told", error: String(error) }));
    }
    this.#clock.arm(Date.now());
  }

  #open(): Book {
    return new Book(this.ctx.storage.sql, () => this.#clock.arm(Date.now()));
  }

  // After a rollback memory knows more than storage: the book is opened anew, and the alarm is set again when touched.
  #reload(): void {
    this.#clock.forget();
    try {
      this.#book = this.#open();
    } catch (error) {
      // Nothing may be answered from a memory that storage did not follow: the platform starts the object anew.
      this.ctx.abort(`book cannot be opened again: ${String(error)}`);
    }
  }

  // By the order's own version; when the order got another one while the call waited, the call is decided again.
  async #decidingOrder<Value>(
    context: CallContext,
    orderId: string,
    call: (program: CompiledProgram, prepared: Prepared) => Outcome<Value>,
    wanted: WantedOrder | null = null,
  ): Promise<Reply<Value>> {
    const version = orders.knownOrder(this.#book, orderId)?.programVersion ?? context.programVersion;
    const program = await this.#program(context.tenantId, version);
    if (program === null) return refused({ code: "program_missing" });
    try {
      const desk = { env: this.env, book: this.#book, program };
      const prepared = wanted === null ? NOTHING_PREPARED : await prepareWanted(desk, wanted);
      return await this.#run(context, () => {
        const outcome = "code" in prepared ? refused(prepared) : call(program, prepared);
        abandonWallets(this.#book, orderId);
        return outcome;
      });
    } catch (error) {
      if (!(error instanceof orders.VersionOvertaken || error instanceof IntentLost)) throw error;
      return this.#decidingOrder(context, orderId, call, wanted);
    }
  }

  async #deciding<Value>(
    context: CallContext,
    version: number | null,
    call: (program: CompiledProgram) => Outcome<Value>,
  ): Promise<Reply<Value>> {
    const program = await this.#program(context.tenantId, version);
    return program === null ? refused({ code: "program_missing" }) : this.#run(context, () => call(program));
  }

  async #program(tenantId: string, version: number | null): Promise<CompiledProgram | null> {
    if (version === null) return null;
    return knownProgram(tenantId, version) ?? loadProgram(this.env.DIRECTORY, tenantId, version);
  }

  // A read needs no transaction: memory changes only within one, and the answer waits until that is durable.
  async #look<Value>(call: () => Outcome<Value>): Promise<Reply<Value>> {
    this.#clock.arm(Date.now());
    const { events: _none, ...reply } = call();
    return { ...reply, events: [] };
  }

  async #run<Value>(context: CallContext, call: () => Outcome<Value>): Promise<Reply<Value>> {
    const version = context.currentVersion ?? context.programVersion;
    const current = { program: await this.#program(context.tenantId, version), timeZone: context.timeZone };
    const reply = await this.#queue.submit(() => {
      this.#book.current = current;
      const answered = call();
      this.#clock.arm(Date.now(), answered.events);
      return answered;
    });
    this.ctx.waitUntil(this.#tellDuties());
    return { ...reply, events: reply.events.map((event) => relayed(this.#book, event)) };
  }
}
