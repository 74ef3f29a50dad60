import { Button, Checkbox, ClipboardCopy, Modal, ModalBody, ModalFooter, ModalHeader } from "@patternfly/react-core";
import { useState } from "react";
import { QrCode } from "./qr-code.tsx";

type Secret = { title: string; about: string; secret: string; onClose(): void };

/** What is shown this once. It closes only after "I have stored it": neither Escape nor a click beside it. */
export function SecretOnce({ title, about, secret, onClose }: Secret) {
  const [isStored, setStored] = useState(false);
  return (
    <Modal isOpen variant="medium" aria-labelledby="secret-title" onEscapePress={() => {}}>
      <ModalHeader title={title} labelId="secret-title" description={about} />
      <ModalBody>
        <ClipboardCopy isReadOnly hoverTip="Copy" clickTip="Copied" className="ls-mono">
          {secret}
        </ClipboardCopy>
        <QrCode text={secret} label="The same as a QR code" />
        <Checkbox
          id="secret-stored"
          label="I have stored it"
          isChecked={isStored}
          onChange={(_event, is) => setStored(is)}
        />
      </ModalBody>
      <ModalFooter>
        <Button isDisabled={!isStored} onClick={onClose}>
          Close
        </Button>
      </ModalFooter>
    </Modal>
  );
}
