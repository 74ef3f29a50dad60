import {
  Button,
  Card,
  CardBody,
  CardTitle,
  Content,
  DescriptionList,
  Flex,
  List,
  ListComponent,
  ListItem,
} from "@patternfly/react-core";
import type { EvidenceTrust } from "../../api/types.ts";
import { Command } from "../../components/command.tsx";
import { Copyable } from "../../components/copyable.tsx";
import { Term } from "../../components/format.tsx";
import { Load } from "../../components/load.tsx";
import { saveFile } from "../../components/save-file.ts";
import { Until } from "../../components/until.tsx";

/** What an auditor needs, and must get another way than the bundle. `file`: of the bundle that this is about. */
export function VerifyCard({ file = "bundle.zip" }: { file?: string }) {
  return (
    <Card>
      <CardTitle component="h2">How an auditor verifies a bundle</CardTitle>
      <CardBody>
        <Load<EvidenceTrust> path="evidence/trust" label="Reading the keys">
          {(trust) => (
            <List component={ListComponent.ol} className="ls-steps">
              <ListItem>
                Give these another way than the bundle, and their SHA-256 on paper: what comes with a bundle cannot
                vouch for it.
                <Files trust={trust} />
              </ListItem>
              <ListItem>
                They open the verifier in any browser, without network, drop the bundle on it and paste trust.json. Or
                on the command line, with Node 20 or later:
                <Command>{`node ledgerstone-verify.mjs ${file} --trust trust.json`}</Command>
              </ListItem>
              <ListItem>
                Without our software: unpack it, and follow its README.txt, which has these among its commands.
                <Command>
                  {
                    "sha256sum --check --quiet tagmanifest-sha256.txt && sha256sum --check --quiet manifest-sha256.txt\nopenssl cms -verify -noverify -binary -inform DER -in tagmanifest-sha256.txt.p7s -content tagmanifest-sha256.txt -signer signer.pem -out /dev/null\nopenssl x509 -in signer.pem -noout -subject -dates -fingerprint -sha256"
                  }
                </Command>
              </ListItem>
            </List>
          )}
        </Load>
      </CardBody>
    </Card>
  );
}

const verifierWords: Readonly<Record<string, string>> = {
  "ledgerstone-verify.html": "Verifier for browsers",
  "ledgerstone-verify.mjs": "Verifier for Node",
};

function Files({ trust: { trust, sha256, certificate, verifiers } }: { trust: EvidenceTrust }) {
  return (
    <DescriptionList isCompact className="ls-files">
      <Term name="trust.json">
        <Button variant="link" isInline onClick={() => saveFile("trust.json", "application/json", trust)}>
          Save trust.json
        </Button>
        <Digest label="SHA-256 of trust.json">{sha256}</Digest>
      </Term>
      {verifiers.map(({ name, sha256: digest }) => (
        <Term key={name} name={verifierWords[name] ?? name}>
          <a href={`/api/v1/evidence/verifiers/${name}`} download={name}>
            Save {name}
          </a>
          <Digest label={`SHA-256 of ${name}`}>{digest}</Digest>
        </Term>
      ))}
      <Term name="Certificate that signs bundles">
        <Flex gap={{ default: "gapSm" }}>
          <span>{certificate.subject}</span>
          <span>
            until <Until at={certificate.validTo} />
          </span>
        </Flex>
        <Digest label="SHA-256 of the certificate">{certificate.sha256}</Digest>
        {verifiers.length === 0 && <Content component="small">The verifiers were not built on this appliance.</Content>}
      </Term>
    </DescriptionList>
  );
}

/** A SHA-256 under what it is of. */
const Digest = ({ label, children }: { label: string; children: string }) => (
  <>
    <small className="ls-above">SHA-256</small>
    <Copyable label={label}>{children}</Copyable>
  </>
);
