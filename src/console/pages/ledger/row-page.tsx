import { Alert, Card, CardBody, CardTitle, DescriptionList, Flex, Grid, GridItem } from "@patternfly/react-core";
import { Link, useParams } from "react-router";
import type { LedgerRowDetail } from "../../api/types.ts";
import { basisWords } from "../../components/basis-words.ts";
import { formatCount, Term, Time } from "../../components/format.tsx";
import { JsonChange } from "../../components/json-change.tsx";
import { Load } from "../../components/load.tsx";
import { PageFrame } from "../../components/page-frame.tsx";
import { RowLink } from "../../components/row-link.tsx";
import { BatchContent } from "./batch-content.tsx";
import { RowProofCard } from "./row-proof-card.tsx";
import { actionWords, actorWords, channelWords, entityWords, unitWords } from "./words.ts";

type Unit = LedgerRowDetail["units"][number];

export function Page() {
  const { seq = "" } = useParams();
  return (
    <Load<LedgerRowDetail> path={`ledger/rows/${encodeURIComponent(seq)}`} label="Reading the row">
      {(row) => (
        <PageFrame
          title={`Row ${formatCount(row.seq)}`}
          about={actionWords(row.action)}
          above={[{ title: "Ledger", to: "/ledger" }]}
          actions={<Neighbours row={row} />}
        >
          <Grid hasGutter>
            <GridItem xl={5}>
              <Facts row={row} />
            </GridItem>
            <GridItem xl={7}>
              <Contents units={row.units} />
            </GridItem>
            <GridItem>
              <RowProofCard row={row} />
            </GridItem>
          </Grid>
        </PageFrame>
      )}
    </Load>
  );
}

function Neighbours({ row: { seq, last } }: { row: LedgerRowDetail }) {
  return (
    <Flex>
      {seq > 1 && <Link to={`/ledger/${seq - 1}`}>Row before</Link>}
      {seq < last && <Link to={`/ledger/${seq + 1}`}>Row after</Link>}
    </Flex>
  );
}

function Facts({ row }: { row: LedgerRowDetail }) {
  const { at, actor, action, entity, via, correlation, control, epoch } = row;
  const ofActor = new URLSearchParams({ actorType: actor.type, actorId: actor.id });
  const ofEntity = new URLSearchParams({ entityType: entity.type, entityId: entity.id });
  return (
    <Card isFullHeight>
      <CardTitle component="h2">Facts</CardTitle>
      <CardBody>
        <DescriptionList isHorizontal isCompact>
          <Term name="When">
            <Time at={at} />
          </Term>
          <Term name="Who">
            {actorWords(actor)} <Link to={`/ledger?${ofActor}`}>All of theirs</Link>
            <Pseudonym of={actor} />
          </Term>
          <Term name="What">
            {actionWords(action)} <div className="ls-mono">{action}</div>
          </Term>
          <Term name="About">
            {entityWords(entity)} <Link to={`/ledger?${ofEntity}`}>All about it</Link>
            <Pseudonym of={entity} />
          </Term>
          <Term name="Channel">{channelWords[via]}</Term>
          <Term name="Epoch">{epoch}</Term>
          <Term name="Control row before">{control > 0 ? <RowLink seq={control} /> : "none"}</Term>
          <Term name="Correlation">
            <span className="ls-mono">{correlation}</span>
          </Term>
        </DescriptionList>
      </CardBody>
    </Card>
  );
}

const Pseudonym = ({ of: { type, id } }: { of: LedgerRowDetail["actor"] }) => (
  <div className="ls-mono">
    {type} {id}
  </div>
);

function Contents({ units }: { units: readonly Unit[] }) {
  return (
    <Card isFullHeight>
      <CardTitle component="h2">Content</CardTitle>
      <CardBody>
        {units.length === 0 && "This row has none: it says all in its facts."}
        {units.map((unit) => (
          <section key={unit.name} className="ls-unit">
            <h3>{unitWords(unit.name)}</h3>
            {unit.state === "open" ? <OpenUnit unit={unit} /> : <ErasedUnit tombstones={unit.tombstones} />}
          </section>
        ))}
      </CardBody>
    </Card>
  );
}

function OpenUnit({ unit: { name, content } }: { unit: Extract<Unit, { state: "open" }> }) {
  if (name === "batch") return <BatchContent text={content} />;
  return <JsonChange text={content} label={unitWords(name)} />;
}

function ErasedUnit({ tombstones }: { tombstones: Extract<Unit, { state: "erased" }>["tombstones"] }) {
  if (tombstones.length === 0) {
    return (
      <Alert variant="danger" isInline title="Its content is gone, and no tombstone says why">
        Verify the ledger: this is a fault that it names.
      </Alert>
    );
  }
  return (
    <Alert variant="info" isInline title="Erased; its hash stays in the row">
      {tombstones.map(({ seq, basis, at }) => (
        <div key={seq}>
          By the tombstone in <RowLink seq={seq} />, since {basisWords(basis)}, <Time at={at} />
        </div>
      ))}
    </Alert>
  );
}
