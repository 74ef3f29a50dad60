import type { Queryable } from "../platform/db.ts";

/** The database as a whole: its release and what it takes on its disk. */
export async function selectDatabase(db: Queryable): Promise<{ version: string; bytes: number }> {
  const { rows } = await db.query<{ version: string; bytes: number }>(
    `select split_part(current_setting('server_version'), ' ', 1) as version,
            pg_database_size(current_database()) as bytes`,
  );
  return rows[0]!;
}
