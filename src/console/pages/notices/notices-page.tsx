import { Tab, Tabs, TabTitleText } from "@patternfly/react-core";
import { useNavigate, useParams } from "react-router";
import { useCan } from "../../app/session.tsx";
import { PageFrame } from "../../components/page-frame.tsx";
import { AnomaliesTab } from "./anomalies-tab.tsx";
import { InboxTab } from "./inbox-tab.tsx";
import { MailTab } from "./mail-tab.tsx";

export function Page() {
  const { tab = "inbox" } = useParams();
  const navigate = useNavigate();
  const can = useCan();
  return (
    <PageFrame
      title="Notices"
      about="What the appliance tells you, and what was unusual. Each stands in the ledger too."
    >
      <Tabs
        activeKey={tab}
        onSelect={(_event, key) => navigate(key === "inbox" ? "/notices" : `/notices/${key}`)}
        aria-label="Kinds of notices"
        mountOnEnter
        unmountOnExit
      >
        <Tab eventKey="inbox" title={<TabTitleText>For you</TabTitleText>}>
          <div className="ls-tab">
            <InboxTab />
          </div>
        </Tab>
        {can("access:read") && (
          <Tab eventKey="anomalies" title={<TabTitleText>What was unusual</TabTitleText>}>
            <div className="ls-tab">
              <AnomaliesTab />
            </div>
          </Tab>
        )}
        <Tab eventKey="mail" title={<TabTitleText>E-mails</TabTitleText>}>
          <div className="ls-tab">
            <MailTab />
          </div>
        </Tab>
      </Tabs>
    </PageFrame>
  );
}
