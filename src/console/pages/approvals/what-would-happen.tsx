import { Content } from "@patternfly/react-core";
import type { ReactNode } from "react";
import { Link } from "react-router";
import type { ApprovalDetail, ApprovalRules, Hold, SiteRetention } from "../../api/types.ts";
import { formatCount } from "../../components/format.tsx";
import { Load } from "../../components/load.tsx";
import { useSites } from "../../components/use-sites.ts";
import { type Asked, Facts, factsOf } from "./facts.tsx";
import { Settings } from "./settings.tsx";
import { accessActs } from "./what-access.tsx";

const acts: Readonly<Record<string, (asked: Asked) => ReactNode>> = {
  "post /api/v1/holds/:holdId/release": (asked) => <HoldRelease {...asked} />,
  "put /api/v1/sites/:siteId/retention": (asked) => <Retention {...asked} />,
  "patch /api/v1/approval-rules": (asked) => <RuleChange {...asked} />,
  "patch /api/v1/tenant": ({ body, isOpen }) => <Settings path="tenant" body={body} isOpen={isOpen} />,
  "post /api/v1/keys/data/rotate": () => (
    <p>A new data key is made. What is stored stays readable with the earlier ones.</p>
  ),
  "post /api/v1/keys/signing/rotate": () => <p>Checkpoints are signed by the next signing key from then on.</p>,
  ...accessActs,
};

/** What exactly a request asks for, in words, and what is there now. */
export function WhatWouldHappen({ approval }: { approval: ApprovalDetail }) {
  const { request, method, route, state } = approval;
  if (!request) {
    return (
      <Content component="p">What was sent has been cleared away, as it is 30 days after the end of a request.</Content>
    );
  }
  const body = (request.body ?? {}) as Readonly<Record<string, unknown>>;
  const asked: Asked = { params: request.params, body, isOpen: state === "pending" };
  const show = acts[`${method} ${route}`];
  return <Content>{show ? show(asked) : <Facts facts={factsOf(body)} />}</Content>;
}

function HoldRelease({ params, body, isOpen }: Asked) {
  const { holdId = "" } = params;
  const sites = useSites();
  return (
    <>
      <Load<{ holds: Hold[] }> path="holds?limit=500" label="Reading the hold">
        {({ holds }) => {
          const hold = holds.find((each) => each.holdId === holdId);
          if (!hold) return <p>A legal hold would be released.</p>;
          const where = hold.siteId ? (sites.get(hold.siteId)?.name ?? "one site") : "every site";
          return (
            <p>
              The legal hold of <strong>case {hold.caseNumber}</strong> at {where} is released. It was placed because:{" "}
              {hold.reason}
            </p>
          );
        }}
      </Load>
      {isOpen && (
        <Load<{ events: number; days: number }> path={`holds/${holdId}/coverage`} label="Counting what it takes in">
          {({ events, days }) => (
            <p>
              It keeps {formatCount(events)} events on {formatCount(days)} site-days now. What policy or requests would
              have erased of them goes, and nothing brings it back.
            </p>
          )}
        </Load>
      )}
      <Facts facts={factsOf(body)} />
    </>
  );
}

function Retention({ params, body, isOpen }: Asked) {
  const { siteId = "" } = params;
  const sites = useSites();
  const days = (value: unknown): string => `${String(value)} days`;
  const reason = { what: "Reason", wanted: String(body.reason ?? "none") };
  const asked = [
    { what: "Images are kept", wanted: days(body.imageDays) },
    { what: "Events are kept", wanted: days(body.eventDays) },
  ];
  return (
    <>
      <p>
        Retention of <Link to={`/sites/${siteId}`}>{sites.get(siteId)?.name ?? "a site"}</Link> changes. What is older
        is erased after the cooling-off, for good.
      </p>
      {isOpen ? (
        <Load<SiteRetention> path={`sites/${siteId}/retention`} label="Reading the policy">
          {({ inForce }) => (
            <Facts
              facts={[
                { ...asked[0]!, now: days(inForce.imageDays) },
                { ...asked[1]!, now: days(inForce.eventDays) },
                reason,
              ]}
            />
          )}
        </Load>
      ) : (
        <Facts facts={[...asked, reason]} />
      )}
    </>
  );
}

const whens = { on: "always", "when-two": "when two can decide", off: "never" } as const;

function RuleChange({ body, isOpen }: Asked) {
  type Wanted = Partial<ApprovalRules["rules"][number]>;
  const { rules = [], ...waits } = body as { rules?: Wanted[] };
  return (
    <Load<ApprovalRules> path="approval-rules" label="Reading the rules">
      {(present) => {
        const facts = rules.flatMap(({ act, secondPerson, role }) => {
          const now = present.rules.find((rule) => rule.act === act);
          const title = now?.title ?? act ?? "";
          return [
            ...(secondPerson && (!isOpen || now?.secondPerson !== secondPerson)
              ? [
                  {
                    what: `A second person before: ${title}`,
                    ...(isOpen && now && { now: whens[now.secondPerson] }),
                    wanted: whens[secondPerson],
                  },
                ]
              : []),
            ...(role !== undefined && (!isOpen || JSON.stringify(now?.role) !== JSON.stringify(role))
              ? factsOf({ [`Named role before: ${title}`]: role })
              : []),
          ];
        });
        const { rules: _, ...now } = present;
        return <Facts facts={[...facts, ...factsOf(waits, isOpen ? now : undefined)]} />;
      }}
    </Load>
  );
}
