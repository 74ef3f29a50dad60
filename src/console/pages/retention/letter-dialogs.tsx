import { Alert, Content, DescriptionList, Modal, ModalBody, ModalHeader } from "@patternfly/react-core";
import type { DeadLetter, OpenedDeadLetter } from "../../api/types.ts";
import { Term, Time } from "../../components/format.tsx";
import { Load } from "../../components/load.tsx";
import { ReasonDialog } from "../../components/reason-dialog.tsx";
import { Source } from "../../components/source.tsx";
import { useSites } from "../../components/use-sites.ts";
import { reasonRemedy, reasonWords } from "./words.ts";

/** What was sent, and what to do about it. */
export function LetterDialog({ letter, onClose }: { letter: DeadLetter; onClose(): void }) {
  const site = useSites().get(letter.siteId);
  return (
    <Modal isOpen variant="medium" aria-labelledby="letter-title" onClose={onClose}>
      <ModalHeader title={reasonWords[letter.reason]} labelId="letter-title" description={letter.detail} />
      <ModalBody>
        <Alert variant="info" isInline title={reasonRemedy[letter.reason]} className="ls-findings" />
        <DescriptionList isHorizontal isCompact>
          <Term name="Received">
            <Time at={letter.received} {...(site && { zone: site.timeZone })} />
          </Term>
          <Term name="Site">{site?.name ?? letter.siteId}</Term>
          <Term name="Sent by">
            <Source source={letter.source} />
          </Term>
          {letter.heldBy.length > 0 && <Term name="Kept by">{letter.heldBy.length} open holds</Term>}
        </DescriptionList>
        <Load<OpenedDeadLetter> path={`dead-letters/${letter.letterId}`} label="Opening the message">
          {({ content, encoding }) => (
            <>
              {encoding === "base64" && <Content component="p">It is no text; its bytes as base64:</Content>}
              {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
              <pre className="ls-mono ls-body" tabIndex={0}>
                {content}
              </pre>
            </>
          )}
        </Load>
      </ModalBody>
    </Modal>
  );
}

export function DiscardDialog({ letter, onClose }: { letter: DeadLetter; onClose(): void }) {
  return (
    <ReasonDialog
      title="Discard this message?"
      about="What was sent goes for good. The ledger keeps who sent it, when, why it was refused and why you discarded it."
      act="Discard"
      isDangerous
      path={`dead-letters/${letter.letterId}/discard`}
      touches={["dead-letters", "devices"]}
      onClose={onClose}
    />
  );
}
