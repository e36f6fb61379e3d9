// The acts of a merge of two profiles, and of its undoing: begun in one, received in the other, ended in the first.
import type { SharingActs } from "@regulars/contracts/acts-sharing";
import type { MemberEvent } from "@regulars/contracts/events";
import type { HashedIdentity, WriteContext } from "@regulars/contracts/rpc";
import { decideMerge, decideMergeReceived, decideUnmerge, mergesOf } from "@regulars/domain/merging";
import { decideSettled } from "@regulars/domain/transfers";
import type { Book } from "../book.ts";
import { write, type Outcome } from "../commands.ts";
import type { ActHandlers } from "./desk.ts";
import { bodyOf, demand, end } from "./saga.ts";
import { transferAnswer } from "./transfers.ts";

type MergeActName = Extract<keyof SharingActs, `merge.${string}`>;

export const mergeActs: ActHandlers<Pick<SharingActs, MergeActName>> = {
  "merge.begin": ({ book }, context, { into }) =>
    write(book, {
      context,
      decide: (now) => {
        const hashes = book.person?.identities.map(({ hash }) => hash) ?? [];
        return decideMerge(book.state, { from: context.memberId, into, hashes }, now);
      },
      answer: transferAnswer,
      subject: transferIdOf,
    }),

  "merge.undo": ({ book }, context, { from }) =>
    write(book, {
      context,
      decide: (now) => {
        const received = mergesOf(book.state, from).flatMap((id) => {
          const body = book.store.newestBySubject(id)?.body;
          return body?.kind === "transfer.received" ? [body.transfer] : [];
        });
        return decideUnmerge(book.state, { from: context.memberId, received }, now);
      },
      answer: transferAnswer,
      subject: transferIdOf,
    }),

  "merge.receive": ({ book }, context, { transfer, identities }) => {
    const isNew = !book.exists || book.store.eventByKey(context.key) === null;
    const received = demand(book, {
      context,
      decide: (now) => decideMergeReceived(book.state, transfer, now),
      answer: sequenceOf,
      subject: transfer.id,
      evenMerged: transfer.purpose === "unmerge",
    });
    if (!received.ok || !isNew || identities.length === 0) return received;
    const known = book.person?.identities ?? [];
    const gained = identities.filter(({ hash }) => !known.some((one) => one.hash === hash));
    return changing(book, context, received, [...known, ...gained]);
  },

  "merge.settle": ({ book }, context, { transfer }) => {
    const settled = end(book, {
      context,
      decide: (now) => bodyOf(decideSettled(book.state, transfer, now)),
      answer: sequenceOf,
      subject: transfer.id,
    });
    const moved = new Set(transfer.merge?.hashes ?? []);
    const left = (book.person?.identities ?? []).filter(({ hash }) => !moved.has(hash));
    return left.length === book.person?.identities.length ? settled : changing(book, context, settled, left);
  },
};

// Identities are no part of events; an event about the person publishes them as they are now. No claim is given up by it.
function changing<Value>(
  book: Book,
  context: WriteContext,
  outcome: Outcome<Value>,
  identities: readonly HashedIdentity[],
): Outcome<Value> {
  if (book.person === null) return outcome;
  book.setPerson({ ...book.person, identities });
  const { homeStoreId } = book.person;
  const event = book.append({ kind: "member.changed", homeStoreId, released: [] }, context);
  return { ...outcome, events: [...outcome.events, event] };
}

const transferIdOf = (body: object) =>
  "transfer" in body ? (body as { transfer: { readonly id: string } }).transfer.id : null;

const sequenceOf = ({ sequence }: MemberEvent) => ({ sequence });
