import { Content, DescriptionList, Label } from "@patternfly/react-core";
import { useQuery } from "@tanstack/react-query";
import { get } from "../../api/client.ts";
import type { CertificateDates, ChainState, Saml } from "../../api/types.ts";
import { useCan } from "../../app/session.tsx";
import { certificateUses, soonDaysOf } from "../../components/certificate-uses.ts";
import { DataCard } from "../../components/data-card.tsx";
import { formatCount, Term, Time } from "../../components/format.tsx";
import { Until } from "../../components/until.tsx";

const states = {
  agrees: { text: "agrees", status: "success" },
  behind: { text: "has an earlier checkpoint", status: "warning" },
  differs: { text: "has another chain", status: "danger" },
  empty: { text: "knows nothing of this tenant", status: "warning" },
  unreadable: { text: "cannot be read", status: "danger" },
} as const;

/** Whether the ledger is sealed, and whether what is outside the database says the same. */
export function ChainCard() {
  return (
    <DataCard<ChainState> title="Ledger" path="overview/chain" more={{ to: "/ledger", title: "Ledger" }}>
      {({ last, sealed, witnesses }) => (
        <>
          <DescriptionList isHorizontal isCompact>
            <Term name="Last row">
              {formatCount(last.seq)}, <Time at={last.at} />
            </Term>
            <Term name="Sealed up to">
              {sealed ? (
                <>
                  {formatCount(sealed.size)}, <Time at={sealed.at} />
                </>
              ) : (
                "not yet: the first checkpoint comes within a minute"
              )}
            </Term>
            {witnesses
              .map((witness, index) => ({
                ...witness,
                name: witnesses.length === 1 ? "Witness" : `Witness ${index + 1}`,
              }))
              .map(({ name, state }) => (
                <Term key={name} name={name}>
                  <Label isCompact status={states[state].status}>
                    {states[state].text}
                  </Label>
                </Term>
              ))}
          </DescriptionList>
          {witnesses.some(({ state }) => state === "differs") && (
            <Content component="p">
              The database is not the one that was witnessed. Restore it before anything else is done.
            </Content>
          )}
        </>
      )}
    </DataCard>
  );
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

/** Until when what the appliance and sign-in by SAML show and trust is good. */
export function CertificatesCard() {
  const can = useCan();
  return (
    <DataCard<{ certificates: CertificateDates[] }>
      title="Certificates"
      path="overview/certificates"
      more={{ to: "/system", title: "Health" }}
    >
      {({ certificates }) => (
        <ul className="ls-rows" aria-label="Certificates and their ends">
          {certificates.map(({ use, subject, notAfter }) => (
            <End
              key={`${use} ${subject}`}
              name={capital(certificateUses[use])}
              at={notAfter}
              soonDays={soonDaysOf(use)}
            />
          ))}
          {can("sign-in:read") && <SamlEnds />}
        </ul>
      )}
    </DataCard>
  );
}

const keyNames = { current: "SAML: our key", next: "SAML: our next key", previous: "SAML: our previous key" } as const;

function SamlEnds() {
  const { data } = useQuery({ queryKey: ["saml"], queryFn: ({ signal }) => get<Saml>("saml", { signal }) });
  if (!data) return null;
  return (
    <>
      {data.certificates.map(({ fingerprint, notAfter }) => (
        <End key={fingerprint} name="SAML: the provider" at={notAfter} />
      ))}
      {data.keys.map(({ keyId, state, facts }) => (
        <End key={keyId} name={keyNames[state]} at={facts.notAfter} />
      ))}
    </>
  );
}

function End({ name, at, soonDays }: { name: string; at: string; soonDays?: number }) {
  return (
    <li>
      <span>{name}</span>
      <span className="ls-nowrap">
        <Until at={at} isDay {...(soonDays && { soonDays })} />
      </span>
    </li>
  );
}
