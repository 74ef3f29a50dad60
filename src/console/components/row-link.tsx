import { Link } from "react-router";
import { useMayOpen } from "../app/session.tsx";
import { formatCount, Term } from "./format.tsx";

/** A row of the ledger by its number, to be opened by those who may read it. */
export function RowLink({ seq }: { seq: number }) {
  const mayOpen = useMayOpen();
  const name = `row ${formatCount(seq)}`;
  return mayOpen({ permissions: ["ledger:read"], wholeTenant: true }) ? (
    <Link to={`/ledger/${seq}`}>{name}</Link>
  ) : (
    name
  );
}

/** All that the ledger says of one thing, for those who may read it: a term in a list of terms. */
export function LedgerTerm({ type, id }: { type: string; id: string }) {
  const mayOpen = useMayOpen();
  if (!mayOpen({ permissions: ["ledger:read"], wholeTenant: true })) return null;
  const query = new URLSearchParams({ entityType: type, entityId: id });
  return (
    <Term name="In the ledger">
      <Link to={`/ledger?${query}`}>What was done about it</Link>
    </Term>
  );
}
