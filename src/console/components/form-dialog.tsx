import { Button, Form, Modal, ModalBody, ModalFooter, ModalHeader } from "@patternfly/react-core";
import { type ReactNode, useId } from "react";
import { ProblemAlert } from "./problem.tsx";

type FormDialog = {
  title: string;
  about?: ReactNode;
  /** The word on the button that does it. */
  act: string;
  isDangerous?: boolean;
  isReady: boolean;
  isBusy: boolean;
  error: unknown;
  onAct(): void;
  onClose(): void;
  children?: ReactNode;
};

/** A question with fields: what is wrong stands in it, and nothing is lost until it is closed. */
export function FormDialog(props: FormDialog) {
  const { title, about, act, isDangerous, isReady, isBusy, error, onAct, onClose, children } = props;
  const id = useId();
  const [titleId, formId] = [`${id}-title`, `${id}-form`];
  return (
    <Modal isOpen variant="medium" aria-labelledby={titleId} onClose={onClose}>
      <ModalHeader title={title} labelId={titleId} description={about} />
      <ModalBody>
        {error ? <ProblemAlert error={error} /> : null}
        <Form
          id={formId}
          onSubmit={(event) => {
            event.preventDefault();
            if (isReady && !isBusy) onAct();
          }}
        >
          {children}
        </Form>
      </ModalBody>
      <ModalFooter>
        <Button
          type="submit"
          form={formId}
          variant={isDangerous ? "danger" : "primary"}
          isDisabled={!isReady || isBusy}
          isLoading={isBusy}
        >
          {act}
        </Button>
        <Button variant="link" onClick={onClose}>
          Cancel
        </Button>
      </ModalFooter>
    </Modal>
  );
}
