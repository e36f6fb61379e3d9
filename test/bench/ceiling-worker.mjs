// The ceiling: a Worker that reads the same body and calls a method that does nothing of an object of the same kind.
import { DurableObject } from "cloudflare:workers";
import { createDurable, proxyDurable } from "itty-durable";

export class Nothing extends DurableObject {
  async noop() {
    return "ok";
  }

  async echo(order) {
    return order;
  }

  fetch() {
    return new Response("ok");
  }

  async create() {
    this.ctx.storage.sql.exec("CREATE TABLE one (value INTEGER); INSERT INTO one VALUES (1)");
    return "ok";
  }
}

export class IttyNothing extends createDurable() {
  noop() {
    return "ok";
  }

  echo(order) {
    return order;
  }
}

const stubsOfItty = (env) => proxyDurable(env.ITTY, { name: "ITTY", parse: true });

const calls = {
  "Bearer rpc": (env, name) => env.NOTHING.get(env.NOTHING.idFromName(name)).noop(),
  "Bearer rpc-echo": (env, name, order) => env.NOTHING.get(env.NOTHING.idFromName(name)).echo(order),
  "Bearer create": (env, name) => env.NOTHING.get(env.NOTHING.idFromName(name)).create(),
  "Bearer fetch": async (env, name) =>
    (await env.NOTHING.get(env.NOTHING.idFromName(name)).fetch("https://object/")).text(),
  "Bearer itty": (env, name) => stubsOfItty(env).get(name).noop(),
  "Bearer itty-echo": (env, name, order) => stubsOfItty(env).get(name).echo(order),
};

export default {
  async fetch(request, env) {
    const order = await request.json();
    const call = calls[request.headers.get("authorization")];
    const answer = await call(env, order.member.id, order);
    return Response.json({ answer });
  },
};
