import { ClipboardCopy } from "@patternfly/react-core";

/** A value to be taken elsewhere: shown whole, copied by a click. `label` is read out. */
export function Copyable({ label, children }: { label: string; children: string }) {
  return (
    <ClipboardCopy isReadOnly hoverTip="Copy" clickTip="Copied" textAriaLabel={label} copyAriaLabel={`Copy: ${label}`}>
      {children}
    </ClipboardCopy>
  );
}
