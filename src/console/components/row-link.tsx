import { Link } from "react-router";
import { useMayOpen } from "../app/session.tsx";
import { formatCount } from "./format.tsx";

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
