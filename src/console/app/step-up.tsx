import { Radio } from "@patternfly/react-core";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { ApiProblem, ask, get, onStepUp, stepUp } from "../api/client.ts";
import type { OwnFactors } from "../api/types.ts";
import { Field } from "../components/field.tsx";
import { FormDialog } from "../components/form-dialog.tsx";
import { Waiting } from "../components/waiting.tsx";

type End = (isShown: boolean) => void;

/** Above whatever asked for it: the second factor, for acts that need one of the last ten minutes. They go on when it was shown. */
export function StepUp() {
  const [end, setEnd] = useState<{ with: End } | null>(null);
  useEffect(
    () =>
      onStepUp(
        () =>
          new Promise((resolve) => {
            setEnd({
              with: (isShown) => {
                setEnd(null);
                resolve(isShown);
              },
            });
          }),
      ),
    [],
  );
  return end && <StepUpDialog onEnd={end.with} />;
}

type Way = "webauthn" | "totp" | "email" | "recovery";

const ways: Record<Way, { title: string; act: string; label: string; help?: string }> = {
  webauthn: { title: "Security key or passkey", act: "Use the key", label: "" },
  totp: { title: "Authenticator app", act: "Continue", label: "Code of your authenticator app", help: "Six digits." },
  email: { title: "Code by e-mail", act: "Continue", label: "Code from the e-mail", help: "Six digits." },
  recovery: { title: "Recovery code", act: "Continue", label: "Recovery code", help: "Each is good once." },
};

function StepUpDialog({ onEnd }: { onEnd: End }) {
  useEscape(() => onEnd(false));
  const factors = useQuery({
    queryKey: ["account/factors"],
    queryFn: ({ signal }) => get<OwnFactors>("account/factors", { signal }),
    staleTime: 0,
  });
  const [chosen, setChosen] = useState<Way | null>(null);
  const [code, setCode] = useState("");
  const [isMailed, setMailed] = useState(false);
  const possible = waysOf(factors.data);
  const way = chosen ?? possible[0];
  const show = useMutation({
    mutationFn: async () => {
      if (way === "email" && !isMailed) return sendMail();
      await stepUp(way === "webauthn" ? await askKey() : { kind: way, code: code.trim() });
      return true;
    },
    onSuccess: (isShown) => (isShown ? onEnd(true) : setMailed(true)),
    onError: () => setCode(""),
  });
  const isTyped = way !== "webauthn" && (way !== "email" || isMailed);
  if (factors.data && possible.length === 0) return <NoFactor onEnd={onEnd} />;
  return (
    <FormDialog
      title="Show your second factor"
      about="This needs one shown within the last ten minutes. What you have entered stays, and goes on by itself."
      act={way === "email" && !isMailed ? "Send a code" : way ? ways[way].act : "Continue"}
      isReady={way !== undefined && (!isTyped || code.trim() !== "")}
      isBusy={show.isPending}
      error={show.error ?? factors.error}
      onAct={() => show.mutate()}
      onClose={() => onEnd(false)}
    >
      {factors.isPending && <Waiting label="Reading your second factors" />}
      {possible.length > 1 && (
        <fieldset className="ls-choices">
          <legend>How</legend>
          {possible.map((each) => (
            <Radio
              key={each}
              id={`step-up-${each}`}
              name="step-up-way"
              label={ways[each].title}
              isChecked={way === each}
              onChange={() => {
                setChosen(each);
                setCode("");
                show.reset();
              }}
            />
          ))}
        </fieldset>
      )}
      {way && isTyped && (
        <Field
          key={way}
          label={ways[way].label}
          help={ways[way].help ?? ""}
          code={way === "recovery" ? "text" : "numeric"}
          value={code}
          onChange={setCode}
        />
      )}
    </FormDialog>
  );
}

// What one has first: a key asks for no typing.
function waysOf(factors: OwnFactors | undefined): readonly Way[] {
  const kinds = new Set<Way>(factors?.factors.map(({ kind }) => kind));
  if (kinds.size > 0 && factors!.recoveryCodesLeft > 0) kinds.add("recovery");
  return (["webauthn", "totp", "email", "recovery"] as const).filter((way) => kinds.has(way));
}

async function sendMail(): Promise<false> {
  await ask("session/step-up/email", { method: "POST" });
  return false;
}

async function askKey(): Promise<object> {
  const asked = await ask<{ publicKey: never }>("session/step-up/webauthn", { method: "POST" });
  const { startAuthentication } = await import("@simplewebauthn/browser");
  const response = await startAuthentication({ optionsJSON: asked.data.publicKey }).catch(noAnswer);
  return { kind: "webauthn", response };
}

function noAnswer(): never {
  const detail = "It was cancelled, took too long, or is not one of yours.";
  throw new ApiProblem({
    type: "about:blank",
    title: "The key did not answer",
    status: 0,
    detail,
    remedy: "Try again.",
  });
}

function NoFactor({ onEnd }: { onEnd: End }) {
  return (
    <FormDialog
      title="You have no second factor yet"
      about="This needs one shown within the last ten minutes. Add one on your account's page, and go on here: what you have entered stays."
      act="I have added one"
      isReady
      isBusy={false}
      error={null}
      onAct={() => onEnd(true)}
      onClose={() => onEnd(false)}
    >
      <a href="/account" target="_blank" rel="noreferrer">
        Open your account's page in a new tab
      </a>
    </FormDialog>
  );
}

/** Escape closes this dialog alone, and not the one below that asked for it. */
function useEscape(close: () => void): void {
  useEffect(() => {
    const hear = (event: KeyboardEvent): void => {
      if (event.key !== "Escape") return;
      event.stopImmediatePropagation();
      close();
    };
    window.addEventListener("keydown", hear, true);
    return () => window.removeEventListener("keydown", hear, true);
  });
}
