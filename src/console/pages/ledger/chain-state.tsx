import { Card, CardBody, DescriptionList } from "@patternfly/react-core";
import { formatCount, Term, Time } from "../../components/format.tsx";
import { TaskProgress } from "../../components/task-progress.tsx";
import { CheckResult } from "./check-result.tsx";
import { isUnderWay, useNewestCheck, useNewestCheckpoint } from "./use-newest.ts";

/** How the chain stands: the last checkpoint, and what the last verification found. */
export function ChainState() {
  const checkpoint = useNewestCheckpoint().data;
  const check = useNewestCheck().data;
  if (checkpoint === undefined || check === undefined) return null;
  return (
    <Card>
      <CardBody>
        <DescriptionList columnModifier={{ default: "1Col", lg: "2Col" }}>
          <Term name="Last checkpoint">
            {checkpoint ? (
              <>
                {formatCount(checkpoint.size)} rows, <Time at={checkpoint.sealedAt} />
              </>
            ) : (
              "none yet: the worker seals every minute in which something happened"
            )}
          </Term>
          <Term name="Last verification">
            {check === null && "none yet: Verify now goes through every row"}
            {check && isUnderWay(check) && <TaskProgress taskId={check.taskId} />}
            {check && !isUnderWay(check) && <CheckResult check={check} />}
          </Term>
        </DescriptionList>
      </CardBody>
    </Card>
  );
}
