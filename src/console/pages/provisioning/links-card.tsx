import { Card, CardBody, CardTitle, Checkbox, Content, Stack, StackItem } from "@patternfly/react-core";
import { useQuery } from "@tanstack/react-query";
import { get } from "../../api/client.ts";
import type { DirectoryMapping, LdapDirectory, Saml } from "../../api/types.ts";
import { useCan } from "../../app/session.tsx";
import { ProblemAlert } from "../../components/problem.tsx";
import { useAct } from "../../components/use-act.ts";
import { Waiting } from "../../components/waiting.tsx";
import { useMapping } from "../sign-on/use-mapping.ts";

type Source = DirectoryMapping["scimLinks"][number] & { name: string };

/** Whose subject is SCIM's external id: how a first sign-in finds the account that the directory made. */
export function LinksCard() {
  const can = useCan();
  const mapping = useMapping();
  const sources = useSources();
  const act = useAct(["directory/mapping"]);
  if (!can("access:read")) return null;
  const linked = mapping.data?.data.scimLinks ?? [];
  const isLinked = ({ kind, issuer }: Source): boolean =>
    linked.some((each) => each.kind === kind && each.issuer === issuer);
  const change = (source: Source, isOn: boolean): void => {
    const others = linked.filter(({ kind, issuer }) => kind !== source.kind || issuer !== source.issuer);
    const scimLinks = isOn ? [...others, { kind: source.kind, issuer: source.issuer }] : others;
    act.mutate({ path: "directory/mapping", method: "PUT", body: { ...mapping.data!.data, scimLinks } });
  };
  return (
    <Card isFullHeight>
      <CardTitle component="h2">Which account signs in</CardTitle>
      <CardBody>
        <Stack hasGutter>
          <StackItem>
            <Content component="p">
              An account of the directory is found at sign-in by its external id, never by name or address. Let the
              provider send the same as NameID, and say so here.
            </Content>
          </StackItem>
          {act.error && <ProblemAlert error={act.error} />}
          {mapping.isPending && <Waiting label="Reading the links" />}
          {sources.map((source) => (
            <StackItem key={`${source.kind} ${source.issuer}`}>
              <Checkbox
                id={`link-${source.kind}-${source.issuer}`}
                label={`${source.kind === "saml" ? "SAML" : "LDAP"}: ${source.name} sends the external id`}
                isChecked={isLinked(source)}
                isDisabled={!mapping.data || act.isPending || !(can("access:write") && can("sign-in:write"))}
                onChange={(_event, isOn) => change(source, isOn)}
              />
            </StackItem>
          ))}
          {sources.length === 0 && (
            <StackItem>
              <Content component="p">No provider or directory is set up under Single sign-on yet.</Content>
            </StackItem>
          )}
        </Stack>
      </CardBody>
    </Card>
  );
}

function useSources(): readonly Source[] {
  const saml = useQuery({ queryKey: ["saml"], queryFn: ({ signal }) => get<Saml>("saml", { signal }) });
  const ldap = useQuery({
    queryKey: ["ldap/directories"],
    queryFn: ({ signal }) => get<{ directories: LdapDirectory[] }>("ldap/directories", { signal }),
  });
  const entityId = saml.data?.configuration?.settings.idp.entityId;
  return [
    ...(entityId ? [{ kind: "saml" as const, issuer: entityId, name: entityId }] : []),
    ...(ldap.data?.directories ?? []).map(({ directoryId, name }) => ({
      kind: "ldap" as const,
      issuer: directoryId,
      name,
    })),
  ];
}
