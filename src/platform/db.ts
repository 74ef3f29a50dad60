import { readFile } from "node:fs/promises";
import type { Socket } from "node:net";
import pg from "pg";
import type { Config } from "./config.ts";
import { readSecret } from "./config.ts";

/** The database roles that processes log in as (docs/architecture.md). */
export type Role = "app" | "executor" | "owner";

export interface Queryable {
  query<Row extends object = Record<string, unknown>>(
    sql: string,
    params?: readonly unknown[],
  ): Promise<{ rows: Row[]; rowCount: number | null }>;
}

/** A connection inside a transaction. Never kept past the work it was given to. */
export interface Tx extends Queryable {
  readonly raw: pg.PoolClient;
  /**
   * `prepareAs` names a statement that is planned once a connection: for hot ones whose one plan serves every parameter, such as a
   * row by its key. Two texts never share a name.
   */
  query<Row extends object = Record<string, unknown>>(
    sql: string,
    params?: readonly unknown[],
    prepareAs?: string,
  ): Promise<{ rows: Row[]; rowCount: number | null }>;
}

export type Pool = pg.Pool;

const TIMESTAMPTZ = 1184;
const TIMESTAMP = 1114;
const DATE = 1082;
const INT8 = 20;

function asSafeInteger(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value)) throw new Error(`int8 ${text} does not fit a JavaScript number`);
  return value;
}

/** Timestamps and dates stay text: a Date would cut the microseconds that are hashed. int8 is a safe number or an error. */
const types: pg.CustomTypesConfig = {
  getTypeParser: ((oid: number, format?: "text" | "binary") => {
    if (format !== "binary") {
      if (oid === TIMESTAMPTZ || oid === TIMESTAMP || oid === DATE) return (value: string) => value;
      if (oid === INT8) return asSafeInteger;
    }
    return pg.types.getTypeParser(oid, format as "text");
  }) as pg.CustomTypesConfig["getTypeParser"],
};

/**
 * What every connection of ours has, whoever opens it: text timestamps, UTC, a fixed search_path, and no just-in-time compilation,
 * which is chosen by estimates and takes a second where a query takes milliseconds.
 */
export const SESSION = {
  types,
  options: "-c TimeZone=UTC -c search_path=public,pg_catalog -c DateStyle=ISO -c jit=off",
} as const;

/**
 * A pool of connections as one role. The session time zone is UTC and search_path is fixed, so that no default of the server matters.
 * An idle connection's loss is not an error of anyone's work: `onError` hears of it.
 */
export async function createPool(
  config: Config["postgres"],
  role: Role,
  options: { max?: number; onError?: (error: Error) => void; applicationName?: string } = {},
): Promise<Pool> {
  const passwordFile = {
    app: config.appPasswordFile,
    executor: config.executorPasswordFile,
    owner: config.ownerPasswordFile,
  }[role];
  if (!passwordFile) throw new Error(`postgres.${role}PasswordFile is not configured`);
  const pool = new pg.Pool({
    host: config.host,
    port: config.port,
    database: config.database,
    user: `ledgerstone_${role}`,
    password: await readSecret(passwordFile, `postgres.${role}PasswordFile`),
    ssl: config.caFile ? { ca: await readFile(config.caFile, "utf8"), rejectUnauthorized: true } : false,
    max: options.max ?? config.poolSize,
    idleTimeoutMillis: 30_000,
    connectionTimeoutMillis: 10_000,
    application_name: options.applicationName ?? `ledgerstone-${role}`,
    // A query does not wait for the answer of the one before it.
    pipeline: true,
    ...SESSION,
  });
  pool.on("error", options.onError ?? (() => {}));
  return hearLosses(pool);
}

/**
 * Hears the loss of every connection of the pool from its first moment to its last: unheard, the event would end the process, and
 * pg's own listener is away from taking to giving back. Whoever holds a lost connection learns it from its next query.
 */
function hearLosses(pool: Pool): Pool {
  return pool.on("connect", (client) => {
    client.on("error", () => {});
  });
}

/** What is asked of this connection within the present turn goes out in one write: a write costs more than what is in it. */
export function inOneWrite(client: pg.PoolClient): void {
  const { stream } = (client as unknown as { connection: { stream: Socket } }).connection;
  stream.cork();
  process.nextTick(() => stream.uncork());
}

/**
 * Lends `work` a connection of the pool; what it leaves open when it throws is rolled back. `condemn` says that the connection is
 * fit for nobody else.
 */
export async function withConnection<T>(
  pool: Pool,
  work: (client: pg.PoolClient, condemn: (error: Error) => void) => Promise<T>,
): Promise<T> {
  const client = await pool.connect();
  let broken: Error | undefined;
  const condemn = (error: Error): void => {
    broken = error;
  };
  try {
    return await work(client, condemn);
  } catch (error) {
    await client.query("rollback").catch(condemn);
    throw error;
  } finally {
    client.release(broken);
  }
}

/** Runs `work` in one READ COMMITTED transaction; commits when it resolves, rolls back when it throws. */
export async function withTransaction<T>(pool: Pool, work: (tx: Tx) => Promise<T>): Promise<T> {
  return withConnection(pool, async (client) => {
    await client.query("begin isolation level read committed");
    const result = await work(asTx(client));
    await commit(client);
    return result;
  });
}

/**
 * Commits, or throws: Postgres answers `commit` of a transaction that has failed with a rollback and no error, so work that
 * swallowed a database error would be told that it is stored.
 */
export async function commit(client: pg.PoolClient): Promise<void> {
  const { command } = await client.query("commit");
  if (command !== "COMMIT")
    throw new Error(`nothing is committed: found ${command}, since a statement before had failed`);
}

export function asTx(client: pg.PoolClient): Tx {
  return {
    raw: client,
    query: (async (text: string, values?: unknown[], name?: string) =>
      name ? client.query({ name, text, values }) : client.query(text, values)) as Tx["query"],
  };
}

/** Resolves when the database answers. */
export async function pingDatabase(pool: Pool): Promise<void> {
  await pool.query("select 1");
}

/** SQLSTATE of a database error, or undefined. */
export function sqlState(error: unknown): string | undefined {
  return error instanceof pg.DatabaseError ? error.code : undefined;
}

/** Whether a row was refused because another has what must be unique (SQLSTATE 23505). */
export const isUniqueViolation = (error: unknown): boolean => sqlState(error) === "23505";

/** Quotes a literal for the simple protocol, where one message must carry several statements. Only for values, never for names. */
export const literal = (value: string): string => pg.escapeLiteral(value);
