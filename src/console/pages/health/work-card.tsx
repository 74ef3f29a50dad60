import { Card, CardBody, CardTitle, Content, DescriptionList, Label } from "@patternfly/react-core";
import { Link } from "react-router";
import type { Health, Task } from "../../api/types.ts";
import { formatCount, Term, Time } from "../../components/format.tsx";
import { STATE_WORDS } from "../../components/task-words.ts";

type Work = {
  states: Health["work"]["states"];
  lastFinishedAt?: string | null;
  /** Whether the reader can open the list of it. */
  hasPage?: boolean;
};

/** How much work there is by state; what failed or is overdue stands out. */
export function WorkCard({ states, lastFinishedAt, hasPage }: Work) {
  return (
    <Card isFullHeight>
      <CardTitle component="h2">Work</CardTitle>
      <CardBody>
        {states.length === 0 && <Content component="p">There has been none yet.</Content>}
        <DescriptionList isHorizontal>
          {states.map(({ state, tasks, overdue }) => (
            <Term key={state} name={STATE_WORDS[state as Task["state"]] ?? state}>
              {hasPage ? <Link to={`/work?state=${state}`}>{formatCount(tasks)}</Link> : formatCount(tasks)}{" "}
              {overdue > 0 && (
                <Label isCompact status="warning">
                  {formatCount(overdue)} overdue
                </Label>
              )}
              {state === "failed" && (
                <Label isCompact status="danger">
                  needs somebody
                </Label>
              )}
            </Term>
          ))}
          {lastFinishedAt && (
            <Term name="Last done">
              <Time at={lastFinishedAt} />
            </Term>
          )}
        </DescriptionList>
      </CardBody>
    </Card>
  );
}
