import type { Saml, SamlSettings } from "../../api/types.ts";
import { useAct } from "../../components/use-act.ts";

export type SamlProps = { saml: Saml; etag: string | null };

/** What holds until somebody decides otherwise. */
const first: Omit<SamlSettings, "idp"> = {
  enabled: false,
  attributes: { groups: null, email: null, displayName: null, userName: null },
  provisioning: "jit",
  enforce: false,
  profile: "response-and-assertion",
  secondFactorContexts: [],
};

/** Puts a part of the settings in force, the rest as it was read: refused when somebody was faster. */
export function useSamlSave({ saml, etag }: SamlProps, onDone?: () => void) {
  const act = useAct(["saml"], onDone);
  const save = (change: Partial<SamlSettings>): void =>
    act.mutate({
      path: "saml",
      method: "PUT",
      body: { ...first, ...saml.configuration?.settings, ...change },
      ifMatch: etag ?? undefined,
    });
  return { save, isBusy: act.isPending, error: act.error };
}
