// Puts the parts of the local system together: data folder, PostgreSQL, gateway, migrations, Workers, clock, control.
import { join } from "node:path";
import { startClock, type Trigger } from "./clock.ts";
import { type Commands, startControl } from "./control.ts";
import { type DataFolder, type LocalStack, openDataFolder } from "./data-folder.ts";
import { startGateway } from "./gateway.ts";
import { clearLeftovers } from "./leftovers.ts";
import { applicationUrl, migrate } from "./migrate.ts";
import { chooseInnerPort, becomesFree } from "./ports.ts";
import { foreignPostgres, type Postgres, startPostgres } from "./postgres.ts";
import { type Runtime, startRuntime } from "./runtime.ts";
import { seedDemo } from "./seed.ts";

/** What runs, filled in while it starts, so that an end at any moment finds all of it. */
export interface LocalSystem {
  readonly pids: { workerd: number | null; postgres: number | null };
  /** How to end each part, in the order of starting; ending goes backwards. */
  readonly endings: (() => Promise<unknown> | void)[];
}

export interface LocalSystemOptions {
  readonly dataPath: string;
  readonly port: number;
  /** False when cron triggers fire only by the control port. */
  readonly hasClock: boolean;
  say(line: string): void;
  claimSignals(): void;
  end(): void;
}

interface Context extends LocalSystemOptions {
  readonly system: LocalSystem;
  readonly folder: DataFolder;
  readonly stack: LocalStack;
  /** Writes local.json anew, with what is known now. */
  save(): void;
}

/** Starts every part and the demo tenant; returns what `local.json` says. */
export async function startLocalSystem(system: LocalSystem, options: LocalSystemOptions): Promise<LocalStack> {
  const { dataPath, port, hasClock, say } = options;
  await clearLeftovers(dataPath);
  if (!(await becomesFree(port))) {
    throw new Error(`Port ${port} is in use. Stop what uses it, or choose another: REGULARS_PORT=8800 npm start`);
  }
  const context = openContext(system, options);
  const { folder, stack, save } = context;
  const database = openDatabase(context);
  const values = database.then(({ workerValues }) => workerValues);
  // Reading wrangler takes a second, in which PostgreSQL starts.
  const { prepareWorkers } = await import("./workers.ts");
  const workers = await prepareWorkers(join(dataPath, "bundles"), values).catch(async (error: unknown) => {
    // What is half-way started cannot be ended.
    await database.catch(() => {});
    throw error;
  });
  const { postgres } = await database;

  say("Starting the Workers ...");
  const onPid = (pid: number | null) => {
    system.pids.workerd = pid;
    save();
  };
  const runtime = await startRuntime({ ...options, workers, onPid });
  system.endings.push(() => runtime.stop());
  if (hasClock) {
    system.endings.push(startClock(workers.crons, (trigger, time) => runtime.scheduled(trigger, time), say));
  }
  const controlPort = await chooseInnerPort(port, 1);
  system.endings.push(await startControl(controlPort, commands(options, { runtime, postgres, crons: workers.crons })));
  stack.control = `http://127.0.0.1:${controlPort}`;

  const { tenantId, secretKey, manageKey } = await seedDemo(stack.url, folder, say);
  Object.assign(stack, { tenantId, secretKey, manageKey, ready: true });
  save();
  return stack;
}

function openContext(system: LocalSystem, options: LocalSystemOptions): Context {
  const folder = openDataFolder(options.dataPath);
  const url = `http://127.0.0.1:${options.port}`;
  const stack: LocalStack = {
    url,
    docsUrl: `${url}/docs`,
    tenantId: null,
    secretKey: null,
    manageKey: null,
    operatorKey: folder.secrets.operatorKey,
    databaseUrl: "",
    control: "",
    gateway: "",
    ready: false,
    pids: { supervisor: process.pid, workerd: null, postgres: null },
  };
  let isOpen = true;
  const save = () => {
    Object.assign(stack.pids, system.pids);
    if (isOpen) folder.writeLocal(stack);
  };
  save();
  // The last thing to end: until then the file names what a killed supervisor would leave behind.
  system.endings.push(() => {
    isOpen = false;
    folder.removeLocal();
  });
  return { ...options, system, folder, stack, save };
}

/** PostgreSQL with its migrations and its gateway, and the values that Workers need of them. */
async function openDatabase(context: Context) {
  const { system, folder, stack, port, say, save } = context;
  const postgres = await openPostgres(context);
  const gateway = await startGateway(await chooseInnerPort(port, 2));
  system.endings.push(() => gateway.close());
  Object.assign(stack, { databaseUrl: postgres.ownerUrl, gateway: gateway.endpoint });
  save();
  const applied = await migrate(postgres.ownerUrl);
  if (applied.length > 0) say(`Applied the migrations ${applied.join(", ")}.`);
  const workerValues = {
    MASTER_KEY: folder.secrets.masterKey,
    OPERATOR_KEY: folder.secrets.operatorKey,
    DATABASE_URL: applicationUrl(postgres.ownerUrl),
    NEON_FETCH_ENDPOINT: gateway.endpoint,
  };
  return { postgres, workerValues };
}

async function openPostgres({ system, folder, dataPath, port, say, save }: Context): Promise<Postgres> {
  const given = process.env["DATABASE_URL"];
  if (given !== undefined && given !== "") return foreignPostgres(given);
  const { stackId, databasePassword } = folder.secrets;
  const onPid = (pid: number | null) => {
    system.pids.postgres = pid;
    save();
  };
  const innerPort = await chooseInnerPort(port, 3);
  return startPostgres({
    dataPath,
    stackId,
    password: databasePassword,
    port: innerPort,
    say,
    onPid,
    onStarting: (stop) => system.endings.push(stop),
  });
}

function commands(
  { end }: LocalSystemOptions,
  { runtime, postgres, crons }: { runtime: Runtime; postgres: Postgres; crons: readonly Trigger[] },
): Commands {
  return {
    crash: () => runtime.crash(),
    "postgres/stop": () => postgres.stop().then(() => ({ stopped: true })),
    "postgres/start": () => postgres.start().then(() => ({ pid: postgres.pid() })),
    cron: async (query) => {
      const [worker, cron] = [query.get("worker"), query.get("cron")];
      const trigger = crons.find((known) => known.worker === worker && (cron === null || known.cron === cron));
      const known = crons.map((one) => `worker=${one.worker}&cron=${encodeURIComponent(one.cron)}`).join(" or ");
      if (trigger === undefined) throw new Error(`No wrangler.jsonc declares this cron trigger. Ask for ${known}.`);
      return { ...trigger, outcome: await runtime.scheduled(trigger, new Date()) };
    },
    stop: async () => {
      // The answer must leave before the control port closes.
      setTimeout(end, 50);
      return { stopping: true };
    },
  };
}
