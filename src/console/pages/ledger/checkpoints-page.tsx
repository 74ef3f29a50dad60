import { Button, Content, Flex, Modal, ModalBody, ModalHeader } from "@patternfly/react-core";
import { useState } from "react";
import type { Checkpoint } from "../../api/types.ts";
import { type Column, DataTable } from "../../components/data-table.tsx";
import { formatCount, Time } from "../../components/format.tsx";
import { QrCode } from "../../components/qr-code.tsx";
import { RowLink } from "../../components/row-link.tsx";
import { saveFile } from "../../components/save-file.ts";
import { LedgerFrame } from "./ledger-frame.tsx";

const columns: readonly Column<Checkpoint>[] = [
  { key: "sealed", title: "Sealed", cell: ({ sealedAt }) => <Time at={sealedAt} /> },
  { key: "size", title: "Rows", cell: ({ size }) => formatCount(size) },
  { key: "last", title: "Up to", hidden: true, cell: ({ size }) => <RowLink seq={size} /> },
  { key: "epoch", title: "Epoch", cell: ({ epoch }) => epoch },
  { key: "root", title: "Root", cell: ({ root }) => <span className="ls-mono">{root}</span> },
];

export function Page() {
  const [open, setOpen] = useState<Checkpoint | null>(null);
  return (
    <LedgerFrame tab="ledger/checkpoints">
      <Content component="p">
        Keep one now and then outside of this appliance, on paper or with your auditor: given to any later verification,
        it proves that nothing up to it was rewritten.
      </Content>
      <DataTable<Checkpoint>
        label="Checkpoints"
        path="ledger/checkpoints"
        field="checkpoints"
        columns={columns}
        rowKey={({ epoch, size, sealedAt }) => `${epoch} ${size} ${sealedAt}`}
        rowActions={(checkpoint) => (
          <Flex flexWrap={{ default: "nowrap" }}>
            <Button variant="link" onClick={() => save(checkpoint)}>
              Save
            </Button>
            <Button variant="link" onClick={() => setOpen(checkpoint)}>
              QR code
            </Button>
          </Flex>
        )}
        empty={{ title: "No checkpoint yet", body: "The worker seals every minute in which something happened." }}
      />
      {open && (
        <Modal isOpen variant="small" aria-labelledby="checkpoint-title" onClose={() => setOpen(null)}>
          <ModalHeader
            title={`Checkpoint of ${formatCount(open.size)} rows`}
            labelId="checkpoint-title"
            description="Scanned, it gives the signed note as it is, to be kept."
          />
          <ModalBody tabIndex={0} aria-label="The checkpoint">
            <QrCode text={open.note} label="The signed note as a QR code" isLarge />
            <pre className="ls-mono ls-body">{open.note}</pre>
          </ModalBody>
        </Modal>
      )}
    </LedgerFrame>
  );
}

/** By the name that bundles have for it. */
function save({ epoch, size, note }: Checkpoint): void {
  saveFile(`checkpoint-${epoch}-${size}.txt`, "text/plain", note);
}
