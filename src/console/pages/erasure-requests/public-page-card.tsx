import { Card, CardBody, Content, Flex, FlexItem, Switch } from "@patternfly/react-core";
import { useQuery } from "@tanstack/react-query";
import { get } from "../../api/client.ts";
import type { Tenant } from "../../api/types.ts";
import { useCan } from "../../app/session.tsx";
import { ProblemAlert } from "../../components/problem.tsx";
import { useAct } from "../../components/use-act.ts";

/** The page by which anybody can ask, and whether the clock stands while an identity is asked for. */
export function PublicPage() {
  const can = useCan();
  const { data: tenant } = useQuery({
    queryKey: ["tenant"],
    queryFn: ({ signal }) => get<Tenant>("tenant", { signal }),
    enabled: can("tenant:read"),
  });
  const change = useAct(["tenant"]);
  if (!tenant) return null;
  const set = (body: object) => change.mutate({ path: "tenant", method: "PATCH", body });
  const address = `${window.location.origin}/erasure/${tenant.slug}`;
  const isFixed = !can("tenant:write") || change.isPending;
  return (
    <Card isCompact>
      <CardBody>
        {change.error && <ProblemAlert error={change.error} />}
        <Flex columnGap={{ default: "columnGap2xl" }} rowGap={{ default: "rowGapMd" }}>
          <FlexItem>
            <Switch
              id="erasure-page"
              label="Anybody can ask by a public page"
              isChecked={tenant.erasurePage}
              isDisabled={isFixed}
              onChange={(_event, erasurePage) => set({ erasurePage })}
            />
          </FlexItem>
          <FlexItem>
            <Switch
              id="erasure-pauses"
              label="The clock stands while more is asked of the person"
              isChecked={tenant.erasurePauses}
              isDisabled={isFixed}
              onChange={(_event, erasurePauses) => set({ erasurePauses })}
            />
          </FlexItem>
        </Flex>
        {tenant.erasurePage && (
          <Content component="p">
            Its address, for your privacy notice:{" "}
            <a href={address} target="_blank" rel="noreferrer" className="ls-break">
              {address}
            </a>
          </Content>
        )}
      </CardBody>
    </Card>
  );
}
