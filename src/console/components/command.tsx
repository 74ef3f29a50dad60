import { ClipboardCopyButton, CodeBlock, CodeBlockAction, CodeBlockCode } from "@patternfly/react-core";
import { useId, useState } from "react";

/** What is pasted into a shell, as it is. */
export function Command({ children }: { children: string }) {
  const id = useId();
  const [isCopied, setCopied] = useState(false);
  const copy = () => navigator.clipboard.writeText(children).then(() => setCopied(true));
  return (
    <CodeBlock
      actions={
        <CodeBlockAction>
          <ClipboardCopyButton
            id={`${id}-copy`}
            textId={id}
            aria-label="Copy the command"
            variant="plain"
            onClick={copy}
            onTooltipHidden={() => setCopied(false)}
          >
            {isCopied ? "Copied" : "Copy"}
          </ClipboardCopyButton>
        </CodeBlockAction>
      }
    >
      <CodeBlockCode id={id} className="ls-break">
        {children}
      </CodeBlockCode>
    </CodeBlock>
  );
}
