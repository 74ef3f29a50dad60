import { Alert, Content, Form, FormGroup, Grid, GridItem, Radio } from "@patternfly/react-core";
import { useQuery } from "@tanstack/react-query";
import { useDeferredValue } from "react";
import { ask } from "../../api/client.ts";
import type { ExportEstimate } from "../../api/types.ts";
import { useCan, useSession } from "../../app/session.tsx";
import { Field } from "../../components/field.tsx";
import { formatBytes, formatCount } from "../../components/format.tsx";
import { ProblemAlert } from "../../components/problem.tsx";
import { SiteChoice } from "../../components/site-choice.tsx";
import { type Draft, eventsOf, kindsOf, scopeBody, scopeFault, subjectsOf } from "./draft.ts";

export type StepProps = { draft: Draft; set(change: Partial<Draft>): void };

/** Which rows and events, and how large that would be. */
export function ScopeStep({ draft, set }: StepProps) {
  const { access } = useSession();
  const can = useCan();
  return (
    <Form>
      <FormGroup role="radiogroup" label="What is it about?" fieldId="scope-kind">
        <Radio
          id="scope-range"
          name="scope-kind"
          label="A range of time"
          description="Proves integrity and that nothing in the range is missing."
          isChecked={draft.kind === "range"}
          onChange={() => set({ kind: "range" })}
        />
        <Radio
          id="scope-incident"
          name="scope-kind"
          label="One incident: single events"
          description="Proves their integrity; says nothing of what else there was."
          isChecked={draft.kind === "incident"}
          onChange={() => set({ kind: "incident" })}
        />
      </FormGroup>
      {draft.kind === "range" ? (
        <>
          <Grid hasGutter>
            <GridItem md={6}>
              <Field
                label="Received from, UTC"
                type="datetime-local"
                value={draft.from}
                onChange={(from) => set({ from })}
                isRequired
              />
            </GridItem>
            <GridItem md={6}>
              <Field
                label="Received before, UTC"
                type="datetime-local"
                value={draft.to}
                onChange={(to) => set({ to })}
                isRequired
              />
            </GridItem>
          </Grid>
          <SiteChoice
            label="Sites"
            value={draft.sites}
            onChange={(sites) => set({ sites })}
            mayAll={access["evidence:export"] === "all"}
            isPossible={({ siteId }) => can("evidence:export", siteId)}
          />
          <Field
            label="Kinds of events"
            value={draft.kinds}
            onChange={(kinds) => set({ kinds })}
            help="Such as gate.opened, separated by commas. Without any, all kinds."
          />
          <Field
            label="Subjects"
            value={draft.subjects}
            onChange={(subjects) => set({ subjects })}
            help="Such as plate:AB12CDE, separated by commas. Without any, all. Events of others are listed as withheld."
          />
        </>
      ) : (
        <Field
          label="Ids of the events"
          isLong
          isRequired
          value={draft.events}
          onChange={(events) => set({ events })}
          help="One a line, at most 1,000. An event's page has its id, and a link that leads here."
        />
      )}
      <Estimate draft={draft} />
    </Form>
  );
}

function Estimate({ draft }: { draft: Draft }) {
  const body = useDeferredValue(JSON.stringify(scopeBody(draft) ?? null));
  const fault = scopeFault(draft);
  const { data, error } = useQuery({
    queryKey: ["exports/estimate", body],
    queryFn: async ({ signal }) =>
      (await ask<ExportEstimate>("exports/estimate", { method: "POST", body: JSON.parse(body), signal })).data,
    enabled: fault === null && body !== "null",
    staleTime: 30_000,
  });
  if (fault) return <Alert variant="info" isInline title={fault} />;
  if (error) return <ProblemAlert error={error} />;
  if (!data) return <Alert variant="info" isInline title="Counting what that is…" />;
  if (data.missing.length > 0) {
    return (
      <Alert variant="warning" isInline title={`${formatCount(data.missing.length)} of these events are not here`}>
        Take them out, or export the range of time: its tombstones show what was erased.
        <Content component="small" className="ls-mono">
          {data.missing.slice(0, 10).join(" ")}
        </Content>
      </Alert>
    );
  }
  if (data.rows === 0) return <Alert variant="warning" isInline title="There is nothing in this range" />;
  return <Size estimate={data} isFiltered={data.isUpperBound || subjectsOf(draft).length > 0} />;
}

export function Size({ estimate, isFiltered }: { estimate: ExportEstimate; isFiltered: boolean }) {
  const { events, images, bytes, rows } = estimate;
  return (
    <Alert
      variant="info"
      isInline
      title={`${isFiltered ? "At most" : "About"} ${formatCount(events)} events and ${formatCount(images)} images, ${formatBytes(bytes)}`}
    >
      It carries {formatCount(rows)} rows of the ledger with their proof.
    </Alert>
  );
}

/** What the scope is, in words. */
export function scopeWords(draft: Draft): string {
  if (draft.kind === "incident") return `${formatCount(eventsOf(draft).length)} events of one incident`;
  const kinds = kindsOf(draft);
  const range = `${draft.from.replace("T", " ")} to ${draft.to.replace("T", " ")} UTC`;
  return kinds.length > 0 ? `${range}, ${kinds.join(", ")}` : range;
}
