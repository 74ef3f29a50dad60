import { Content, DescriptionList } from "@patternfly/react-core";
import type { CertificateDates } from "../../api/types.ts";
import { Term } from "../../components/format.tsx";
import { Load } from "../../components/load.tsx";
import { Until } from "../../components/until.tsx";

/** The certificate that browsers see now, and how one's own takes its place. */
export function CertificateStep() {
  return (
    <Load<{ certificates: CertificateDates[] }> path="overview/certificates" label="Reading the certificate">
      {({ certificates }) => {
        const https = certificates.find(({ use }) => use === "https");
        return (
          <>
            {https && <Facts certificate={https} />}
            <Content component="p">
              {https?.ownMade
                ? "The appliance made this certificate itself, so browsers warn of it. To put your own in its place:"
                : "This is a certificate of your own. To replace it:"}
            </Content>
            <Content component="ol">
              <Content component="li">
                Put the certificate (PEM, leaf first, then its chain) and its key where <code>http.certFile</code> and{" "}
                <code>http.keyFile</code> of the configuration point.
              </Content>
              <Content component="li">
                Put the certificate of the authority that signed it where <code>pki.caFile</code> points: it is what
                devices are told to trust when they enrol.
              </Content>
              <Content component="li">Restart the app. This page then shows the new one.</Content>
            </Content>
          </>
        );
      }}
    </Load>
  );
}

function Facts({ certificate: { subject, issuer, names, notAfter, ownMade } }: { certificate: CertificateDates }) {
  return (
    <DescriptionList isHorizontal isCompact>
      <Term name="In use">
        <span className="ls-break">{subject}</span>
      </Term>
      <Term name="For">
        <span className="ls-break">{names.join(", ")}</span>
      </Term>
      <Term name="Signed by">
        <span className="ls-break">{ownMade ? `${issuer}, of this appliance` : issuer}</span>
      </Term>
      <Term name="Until">
        <Until at={notAfter} />
      </Term>
    </DescriptionList>
  );
}
