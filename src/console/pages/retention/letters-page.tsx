import { LettersTable } from "./letters-table.tsx";
import { RetentionFrame } from "./retention-frame.tsx";

export function Page() {
  return (
    <RetentionFrame tab="retention/dead-letters">
      <LettersTable />
    </RetentionFrame>
  );
}
