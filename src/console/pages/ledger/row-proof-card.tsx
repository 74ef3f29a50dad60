import { Button, Card, CardBody, CardTitle, ExpandableSection, List, ListItem } from "@patternfly/react-core";
import { CheckCircleIcon } from "@patternfly/react-icons/dist/esm/icons/check-circle-icon.js";
import { InfoCircleIcon } from "@patternfly/react-icons/dist/esm/icons/info-circle-icon.js";
import { TimesCircleIcon } from "@patternfly/react-icons/dist/esm/icons/times-circle-icon.js";
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import type { LedgerRowDetail } from "../../api/types.ts";
import { Copyable } from "../../components/copyable.tsx";
import { formatCount, Time } from "../../components/format.tsx";
import { saveFile } from "../../components/save-file.ts";
import { checkRow } from "./check-row.ts";

/** The row's bytes and what this browser computes from them. */
export function RowProofCard({ row }: { row: LedgerRowDetail }) {
  return (
    <Card>
      <CardTitle component="h2">Computed in your browser</CardTitle>
      <CardBody>
        <Findings row={row} />
        <small className="ls-above">SHA-256 of the row</small>
        <Copyable label="Hash of the row">{row.hash}</Copyable>
        <ExpandableSection toggleText="The bytes that are hashed">
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
          <pre className="ls-mono ls-body" tabIndex={0}>
            {row.lines}
          </pre>
        </ExpandableSection>
        {row.proof && <ProofFiles row={row} proof={row.proof} />}
      </CardBody>
    </Card>
  );
}

function Findings({ row }: { row: LedgerRowDetail }) {
  const { data, isError } = useQuery({ queryKey: ["computed", row], queryFn: () => checkRow(row), retry: false });
  if (isError)
    return <Finding state="unknown">This browser cannot compute hashes here: open the console by HTTPS.</Finding>;
  if (!data) return null;
  const open = row.units.filter(({ state }) => state === "open").length;
  return (
    <List isPlain className="ls-findings">
      <Finding state={data.hash ? "good" : "bad"}>
        {data.hash ? "Its hash is the SHA-256 of its bytes." : "Its hash is not the SHA-256 of its bytes."}
      </Finding>
      {(open > 0 || data.wrongUnits.length > 0) && (
        <Finding state={data.wrongUnits.length === 0 ? "good" : "bad"}>
          {data.wrongUnits.length === 0
            ? "The content above is what the row committed to."
            : `The content is not what the row committed to: ${data.wrongUnits.join(", ")}.`}
        </Finding>
      )}
      <Inclusion row={row} isIncluded={data.inclusion} />
    </List>
  );
}

function Inclusion({ row: { seq, proof }, isIncluded }: { row: LedgerRowDetail; isIncluded: boolean | null }) {
  if (!proof || isIncluded === null) {
    return <Finding state="unknown">No checkpoint covers it yet: the next one will, within a minute.</Finding>;
  }
  const sealedAt = /^sealed (.+)$/m.exec(proof.checkpoint)?.[1];
  return (
    <Finding state={isIncluded ? "good" : "bad"}>
      {isIncluded ? "It stands" : "It does not stand"} as row {formatCount(seq)} under the checkpoint of{" "}
      {formatCount(proof.size)} rows
      {sealedAt && (
        <>
          , sealed <Time at={sealedAt} />
        </>
      )}
      .
    </Finding>
  );
}

const icons = {
  good: <CheckCircleIcon className="ls-good" aria-label="Right:" role="img" />,
  bad: <TimesCircleIcon className="ls-bad" aria-label="Wrong:" role="img" />,
  unknown: <InfoCircleIcon aria-label="Open:" role="img" />,
};

const Finding = ({ state, children }: { state: keyof typeof icons; children: ReactNode }) => (
  <ListItem icon={icons[state]}>{children}</ListItem>
);

function ProofFiles({ row, proof }: { row: LedgerRowDetail; proof: NonNullable<LedgerRowDetail["proof"]> }) {
  const saveCheckpoint = () => saveFile(`checkpoint-${row.epoch}-${proof.size}.txt`, "text/plain", proof.checkpoint);
  return (
    <>
      <ExpandableSection toggleText={`The audit path: ${formatCount(proof.path.length)} hashes (RFC 6962)`}>
        <pre className="ls-mono ls-body">{proof.path.join("\n") || "none: the row is the whole tree"}</pre>
      </ExpandableSection>
      <ExpandableSection toggleText="The checkpoint">
        <pre className="ls-mono ls-body">{proof.checkpoint}</pre>
        <Button variant="secondary" onClick={saveCheckpoint}>
          Save the checkpoint
        </Button>
      </ExpandableSection>
    </>
  );
}
