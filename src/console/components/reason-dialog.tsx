import { type ReactNode, useState } from "react";
import { Field } from "./field.tsx";
import { FormDialog } from "./form-dialog.tsx";
import { useAct } from "./use-act.ts";

type Props = {
  title: string;
  about: ReactNode;
  /** The word on the button that does it. */
  act: string;
  isDangerous?: boolean;
  /** POSTed with `{ reason }`. */
  path: string;
  touches: readonly string[];
  help?: string;
  onClose(): void;
  children?: ReactNode;
};

/** An act that asks for nothing but a reason. */
export function ReasonDialog({ title, about, act, isDangerous, path, touches, help, onClose, children }: Props) {
  const [reason, setReason] = useState("");
  const post = useAct(touches, onClose);
  return (
    <FormDialog
      title={title}
      about={about}
      act={act}
      {...(isDangerous && { isDangerous })}
      isReady={reason.trim() !== ""}
      isBusy={post.isPending}
      error={post.error}
      onAct={() => post.mutate({ path, method: "POST", body: { reason: reason.trim() } })}
      onClose={onClose}
    >
      {children}
      <Field
        label="Reason"
        isLong
        isRequired
        value={reason}
        onChange={setReason}
        help={help ?? "Goes into the ledger."}
      />
    </FormDialog>
  );
}
