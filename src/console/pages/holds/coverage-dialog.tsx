import { Content, DescriptionList, Modal, ModalBody, ModalHeader } from "@patternfly/react-core";
import type { Hold } from "../../api/types.ts";
import { countOf, Term, Time } from "../../components/format.tsx";
import { Load } from "../../components/load.tsx";
import { History } from "../ledger/history.tsx";

type Props = { hold: Hold; scope: string; onClose(): void };

/** What a hold keeps now. Counting reads the events, so it is asked for one hold at a time. */
export function CoverageDialog({ hold, scope, onClose }: Props) {
  return (
    <Modal isOpen variant="medium" aria-labelledby="coverage-title" onClose={onClose}>
      <ModalHeader title={`The hold of case ${hold.caseNumber}`} labelId="coverage-title" description={hold.reason} />
      <ModalBody>
        <DescriptionList isHorizontal isCompact>
          <Term name="Takes in">{scope}</Term>
          <Term name="Owner">{hold.owner}</Term>
          <Term name="Review on">{hold.reviewOn}</Term>
          <Term name="Placed">
            <Time at={hold.placedAt} />
          </Term>
          {hold.releasedAt ? (
            <Term name="Released">
              <Time at={hold.releasedAt} />
            </Term>
          ) : (
            <Term name="Keeps now">
              <Load<{ events: number; days: number }>
                path={`holds/${hold.holdId}/coverage`}
                label="Counting what it takes in"
              >
                {({ events, days }) => (
                  <>
                    {countOf(events, "event")} on {countOf(days, "site-day")}
                    {events === 0 && (
                      <Content component="small">It keeps what comes in from now on, if it fits.</Content>
                    )}
                  </>
                )}
              </Load>
            </Term>
          )}
        </DescriptionList>
        <History entityType="hold" entityId={hold.holdId} />
      </ModalBody>
    </Modal>
  );
}
