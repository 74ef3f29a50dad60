import { FormGroup, FormSelect, FormSelectOption, FormSelectOptionGroup } from "@patternfly/react-core";
import { useState } from "react";
import type { DirectoryMapping, MappingRule } from "../../api/types.ts";
import { useCan, useSession } from "../../app/session.tsx";
import { Field } from "../../components/field.tsx";
import { FormDialog } from "../../components/form-dialog.tsx";
import { SiteChoice } from "../../components/site-choice.tsx";
import { useAct } from "../../components/use-act.ts";
import type { Source } from "./mapping-card.tsx";
import { useRolesAndGroups } from "./use-mapping.ts";

type Changed = { mapping: DirectoryMapping; onClose(): void };

function useSaveRules({ mapping, onClose }: Changed) {
  const act = useAct(["directory/mapping"], onClose);
  const save = (rules: readonly MappingRule[]): void =>
    act.mutate({ path: "directory/mapping", method: "PUT", body: { ...mapping, rules } });
  return { save, isBusy: act.isPending, error: act.error };
}

const isSame = (a: MappingRule, b: MappingRule): boolean => JSON.stringify(a) === JSON.stringify(b);

export function RemoveRuleDialog({ mapping, rule, onClose }: Changed & { rule: MappingRule }) {
  const { save, isBusy, error } = useSaveRules({ mapping, onClose });
  return (
    <FormDialog
      title={`Take away what ${rule.value} gives?`}
      about="Everybody who has it by this group alone loses it at once. What was given by hand stays."
      act="Remove the rule"
      isDangerous
      isReady
      isBusy={isBusy}
      error={error}
      onAct={() => save(mapping.rules.filter((each) => !isSame(each, rule)))}
      onClose={onClose}
    />
  );
}

type RuleProps = Changed & { kind: MappingRule["kind"]; sources: readonly Source[]; rule?: MappingRule };

/** A new rule, or a changed one in place of the old. */
export function RuleDialog({ mapping, kind, sources, rule, onClose }: RuleProps) {
  const can = useCan();
  const { access } = useSession();
  const [value, setValue] = useState(rule?.value ?? "");
  const [issuer, setIssuer] = useState(rule?.issuer ?? "");
  const [gives, setGives] = useState(rule ? givesOf(rule) : "builtin viewer");
  const [siteIds, setSiteIds] = useState(rule?.siteIds ?? null);
  const { save, isBusy, error } = useSaveRules({ mapping, onClose });
  const [what, id = ""] = gives.split(" ", 2);
  const isGroup = what === "group";
  const wanted: MappingRule = {
    kind,
    issuer: issuer === "" ? null : issuer,
    value: value.trim(),
    builtinRole: what === "builtin" ? (id as MappingRule["builtinRole"]) : null,
    roleId: what === "role" ? id : null,
    groupId: isGroup ? id : null,
    siteIds: isGroup ? null : siteIds,
  };
  const isTaken = mapping.rules.some((each) => isSame(each, wanted) && !(rule && isSame(each, rule)));
  return (
    <FormDialog
      title={rule ? "Change a rule" : "Add a rule"}
      about="New roles come with each person's next sign-in; what no rule gives any more is taken at once. Nobody maps more than they may do themselves."
      act="Save"
      isReady={wanted.value !== "" && !isTaken && siteIds?.length !== 0}
      isBusy={isBusy}
      error={error}
      onAct={() => save([...mapping.rules.filter((each) => !(rule && isSame(each, rule))), wanted])}
      onClose={onClose}
    >
      <Field
        label="Group there"
        isRequired
        value={value}
        onChange={setValue}
        isWrong={isTaken}
        help={
          isTaken
            ? "There is such a rule."
            : kind === "saml"
              ? "The value of the groups attribute, exactly as the provider sends it."
              : "Its distinguished name, such as CN=Guards,OU=Groups,DC=corp,DC=example,DC=org."
        }
      />
      {sources.length > 0 && (
        <FormGroup label="Said by" fieldId="rule-issuer">
          <FormSelect id="rule-issuer" value={issuer} onChange={(_event, chosen) => setIssuer(chosen)}>
            <FormSelectOption value="" label={kind === "saml" ? "Any provider" : "Any directory"} />
            {sources.map((source) => (
              <FormSelectOption key={source.issuer} value={source.issuer} label={source.name} />
            ))}
          </FormSelect>
        </FormGroup>
      )}
      <GivesChoice value={gives} onChange={setGives} />
      {!isGroup && (
        <SiteChoice
          label="Where"
          value={siteIds}
          onChange={setSiteIds}
          mayAll={access["access:write"] === "all"}
          isPossible={({ siteId }) => can("access:write", siteId)}
        />
      )}
    </FormDialog>
  );
}

const givesOf = ({ builtinRole, roleId, groupId }: MappingRule): string =>
  builtinRole ? `builtin ${builtinRole}` : roleId ? `role ${roleId}` : `group ${groupId}`;

const builtinRoles = ["owner", "admin", "member", "viewer", "auditor"] as const;

function GivesChoice({ value, onChange }: { value: string; onChange(value: string): void }) {
  const { roles, groups } = useRolesAndGroups();
  const local = [...groups.values()].filter(({ source }) => source === "local");
  return (
    <FormGroup label="Gives here" fieldId="rule-gives" isRequired>
      <FormSelect id="rule-gives" value={value} onChange={(_event, chosen) => onChange(chosen)}>
        <FormSelectOptionGroup label="Roles">
          {builtinRoles.map((role) => (
            <FormSelectOption key={role} value={`builtin ${role}`} label={role} />
          ))}
          {[...roles.values()].map(({ roleId, name }) => (
            <FormSelectOption key={roleId} value={`role ${roleId}`} label={name} />
          ))}
        </FormSelectOptionGroup>
        {local.length > 0 && (
          <FormSelectOptionGroup label="Membership of a group here">
            {local.map(({ groupId, name }) => (
              <FormSelectOption key={groupId} value={`group ${groupId}`} label={name} />
            ))}
          </FormSelectOptionGroup>
        )}
      </FormSelect>
    </FormGroup>
  );
}
