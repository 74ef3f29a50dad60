import { Alert, FileUpload, FormGroup, ToggleGroup, ToggleGroupItem } from "@patternfly/react-core";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { ask } from "../../api/client.ts";
import type { ProviderMetadata } from "../../api/types.ts";
import { Field } from "../../components/field.tsx";
import { FormDialog } from "../../components/form-dialog.tsx";
import { ImportPreview } from "./saml-import-preview.tsx";
import type { SamlProps } from "./use-saml-save.ts";

type Props = SamlProps & { onClose(): void };
type From = "text" | "address";

/** Reads a provider's metadata, shows what it would change, and saves it: nothing is in force before that. */
export function ImportDialog({ onClose, ...props }: Props) {
  const [from, setFrom] = useState<From>("text");
  const [xml, setXml] = useState("");
  const [fileName, setFileName] = useState("");
  const [url, setUrl] = useState("");
  const read = useMutation({
    mutationFn: async () =>
      (
        await ask<ProviderMetadata>("saml/metadata", {
          method: "POST",
          body: from === "text" ? { xml } : { url: url.trim() },
        })
      ).data,
  });
  if (read.data) return <ImportPreview {...props} metadata={read.data} onBack={read.reset} onClose={onClose} />;
  return (
    <FormDialog
      title="Import the provider's metadata"
      about="What it says is shown before anything changes."
      act="Read it"
      isReady={(from === "text" ? xml : url).trim() !== ""}
      isBusy={read.isPending}
      error={read.error}
      onAct={() => read.mutate()}
      onClose={onClose}
    >
      <FormGroup label="Where it is" role="group">
        <ToggleGroup aria-label="Where the metadata is">
          <ToggleGroupItem text="File or text" isSelected={from === "text"} onChange={() => setFrom("text")} />
          <ToggleGroupItem text="Address" isSelected={from === "address"} onChange={() => setFrom("address")} />
        </ToggleGroup>
      </FormGroup>
      {from === "text" ? (
        <FormGroup label="Metadata (XML)" fieldId="saml-metadata" isRequired>
          <FileUpload
            id="saml-metadata"
            type="text"
            value={xml}
            filename={fileName}
            filenamePlaceholder="Drop the file here, choose it, or paste its text below"
            browseButtonText="Choose a file…"
            aria-label="Metadata (XML)"
            allowEditingUploadedText
            onFileInputChange={(_event, file) => setFileName(file.name)}
            onDataChange={(_event, text) => setXml(text)}
            onTextChange={(_event, text) => setXml(text)}
            onClearClick={() => {
              setXml("");
              setFileName("");
            }}
          />
        </FormGroup>
      ) : (
        <>
          <Field
            label="Address"
            isRequired
            value={url}
            onChange={setUrl}
            help="Fetched once, now, by the appliance. It must be one that the appliance may reach."
          />
          <Alert
            variant="info"
            isInline
            isPlain
            title="A signature on the metadata is not checked: you vouch for what comes from there."
          />
        </>
      )}
    </FormDialog>
  );
}
