import type { TenantTx } from "../../audit/index.ts";

export type Link = {
  linkId: string;
  kind: "saml" | "ldap";
  issuer: string;
  subject: string;
  userId: string;
  linkedBy: "jit" | "scim" | "admin";
  createdAt: string;
};

export type Subject = Pick<Link, "kind" | "issuer" | "subject">;

const columns = `link_id as "linkId", kind, issuer, subject, user_id as "userId", linked_by as "linkedBy",
  ledger.timestamp_text(created_at) as "createdAt"`;

/** One at a time for one person: two first sign-ins at once make one account. */
export async function lockSubject(tx: TenantTx, { kind, issuer, subject }: Subject): Promise<void> {
  await tx.query("select pg_advisory_xact_lock(hashtextextended($1::text, 0))", [
    JSON.stringify(["directory", tx.principal.tenantId, kind, issuer, subject]),
  ]);
}

export async function selectLink(tx: TenantTx, { kind, issuer, subject }: Subject): Promise<Link | undefined> {
  const { rows } = await tx.query<Link>(
    `select ${columns} from directory_links
      where tenant_id = app.tenant() and kind = $1::text and issuer = $2::text and subject = $3::text
        and unlinked_at is null`,
    [kind, issuer, subject],
  );
  return rows[0];
}

export async function selectLinksOf(tx: TenantTx, userId: string): Promise<Link[]> {
  const { rows } = await tx.query<Link>(
    `select ${columns} from directory_links
      where tenant_id = app.tenant() and user_id = $1::uuid and unlinked_at is null
      order by created_at, link_id`,
    [userId],
  );
  return rows;
}

/** @throws 23505 when the subject is linked already. */
export async function insertLink(tx: TenantTx, link: Omit<Link, "linkId" | "createdAt">): Promise<Link> {
  const { rows } = await tx.query<Link>(
    `insert into directory_links (tenant_id, kind, issuer, subject, user_id, linked_by)
     values (app.tenant(), $1::text, $2::text, $3::text, $4::uuid, $5::text)
     returning ${columns}`,
    [link.kind, link.issuer, link.subject, link.userId, link.linkedBy],
  );
  return rows[0]!;
}

/** False when there is none. */
export async function endLink(tx: TenantTx, userId: string, linkId: string): Promise<boolean> {
  const { rowCount } = await tx.query(
    `update directory_links set unlinked_at = clock_timestamp()
      where tenant_id = app.tenant() and user_id = $1::uuid and link_id = $2::uuid and unlinked_at is null`,
    [userId, linkId],
  );
  return rowCount === 1;
}
