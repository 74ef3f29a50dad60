import { Content, DescriptionList, Label } from "@patternfly/react-core";
import type { CertificateDates, ChainState, Saml } from "../../api/types.ts";
import { certificateUses } from "../../components/certificate-uses.ts";
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

/** Until when what the appliance shows and trusts is good. */
export function CertificatesCard() {
  return (
    <DataCard<{ certificates: CertificateDates[] }> title="Certificates" path="overview/certificates">
      {({ certificates }) => (
        <DescriptionList isHorizontal isCompact>
          {certificates.map(({ use, subject, notAfter }) => (
            <Term key={`${use} ${subject}`} name={capital(certificateUses[use])}>
              <Until at={notAfter} />
            </Term>
          ))}
        </DescriptionList>
      )}
    </DataCard>
  );
}

const keyNames = { current: "Our key", next: "Our next key", previous: "Our previous key" } as const;

/** Of sign-in by SAML, both sides. */
export function SamlDatesCard() {
  return (
    <DataCard<Saml> title="Certificates of SAML" path="saml" more={{ to: "/access/sign-on", title: "Single sign-on" }}>
      {({ certificates, keys }) =>
        certificates.length + keys.length === 0 ? (
          <Content component="p">SAML is not set up.</Content>
        ) : (
          <DescriptionList isHorizontal isCompact>
            {certificates.map(({ fingerprint, notAfter }, index) => (
              <Term key={fingerprint} name={certificates.length === 1 ? "Provider" : `Provider ${index + 1}`}>
                <Until at={notAfter} />
              </Term>
            ))}
            {keys.map(({ keyId, state, facts }) => (
              <Term key={keyId} name={keyNames[state]}>
                <Until at={facts.notAfter} />
              </Term>
            ))}
          </DescriptionList>
        )
      }
    </DataCard>
  );
}
