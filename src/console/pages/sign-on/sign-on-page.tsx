import { Tab, Tabs, TabTitleText } from "@patternfly/react-core";
import { useNavigate, useParams } from "react-router";
import { PageFrame } from "../../components/page-frame.tsx";
import { LdapTab } from "./ldap-tab.tsx";
import { SamlTab } from "./saml-tab.tsx";

export function Page() {
  const { tab = "saml" } = useParams();
  const navigate = useNavigate();
  return (
    <PageFrame
      title="Single sign-on"
      about="People sign in with the account of their company: at an identity provider by SAML, or with their directory's password by LDAP."
    >
      <Tabs
        activeKey={tab}
        onSelect={(_event, key) => navigate(`/access/sign-on/${key}`)}
        aria-label="Ways to sign in"
        mountOnEnter
        unmountOnExit
      >
        <Tab eventKey="saml" title={<TabTitleText>SAML</TabTitleText>}>
          <div className="ls-tab">
            <SamlTab />
          </div>
        </Tab>
        <Tab eventKey="ldap" title={<TabTitleText>LDAP and Active Directory</TabTitleText>}>
          <div className="ls-tab">
            <LdapTab />
          </div>
        </Tab>
      </Tabs>
    </PageFrame>
  );
}
