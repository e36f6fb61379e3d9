// How the keeper of an account hears what an order has spent of it, earned into it, or given back.
import type { Elsewhere } from "@regulars/contracts/events-orders";
import type { Reply } from "@regulars/contracts/rpc";
import type { Account, OrderElsewhere, WalletAsks } from "@regulars/domain/wallets";
import { demandOf } from "./demand.ts";
import { telling, type DutyAnswer, type DutyHandler } from "./duties.ts";
import type { Owner } from "./store.ts";

type Handlers = { readonly [Kind in keyof WalletAsks]: DutyHandler };

export const walletDuties: Handlers = {
  "wallet.capture": telling<WalletAsks["wallet.capture"]>(
    async (env, owner, { account, holdId, points, order }, told) => {
      const elsewhere = elsewhereOf(owner, account, order);
      return ended(
        await demandOf(env, account, told, (ledger, context) =>
          ledger.act(context, "wallet.capture", { holdId, points, elsewhere }),
        ),
      );
    },
  ),

  "wallet.release": telling<WalletAsks["wallet.release"]>(async (env, _owner, { account, holdId }, told) =>
    ended(await demandOf(env, account, told, (ledger, context) => ledger.act(context, "wallet.release", { holdId }))),
  ),

  "wallet.restore": telling<WalletAsks["wallet.restore"]>(async (env, _owner, { account, holdId, restored }, told) =>
    ended(
      await demandOf(env, account, told, (ledger, context) =>
        ledger.act(context, "wallet.restore", { holdId, restored }),
      ),
    ),
  ),

  "wallet.deposit": telling<WalletAsks["wallet.deposit"]>(async (env, owner, { account, order, ...ask }, told) => {
    const elsewhere = elsewhereOf(owner, account, order);
    const deposit = depositOf(owner, ask.deposit);
    return ended(
      await demandOf(env, account, told, (ledger, context) =>
        ledger.act(context, "wallet.deposit", { ...ask, deposit, elsewhere }),
      ),
    );
  }),

  "wallet.withdraw": telling<WalletAsks["wallet.withdraw"]>(async (env, owner, { account, ...ask }, told) => {
    const deposit = depositOf(owner, ask.deposit);
    return ended(
      await demandOf(env, account, told, (ledger, context) =>
        ledger.act(context, "wallet.withdraw", { ...ask, deposit }),
      ),
    );
  }),
};

/** Within a network each tenant is one owner, whatever owners it has itself. */
export function elsewhereOf({ tenantId, memberId }: Owner, account: Account, order: OrderElsewhere): Elsewhere {
  const ownerId = account.tenantId === tenantId ? order.ownerId : tenantId;
  return { ...order, tenantId, memberId, ownerId };
}

const depositOf = ({ tenantId, memberId, epoch }: Owner, deposit: string) =>
  `${tenantId}/${memberId}/${epoch}/${deposit}`;

// None of these may refuse: one that does is told again, and raises an alert.
function ended(reply: Reply<unknown>): DutyAnswer {
  if (!reply.ok) throw new Error(`an account refused what it must accept: ${reply.refusal.code}`);
  return "done";
}
