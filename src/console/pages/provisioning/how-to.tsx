import {
  Card,
  CardBody,
  CardTitle,
  Content,
  ExpandableSection,
  List,
  ListComponent,
  ListItem,
  OrderType,
} from "@patternfly/react-core";

/** In short; docs/scim.md has the whole. */
export function HowTo({ baseUrl }: { baseUrl: string }) {
  return (
    <Card isFullHeight>
      <CardTitle component="h2">How to connect a directory</CardTitle>
      <CardBody>
        <Content component="p">
          The directory must reach this appliance by HTTPS with a certificate that it trusts. In a closed network, its
          on-premises provisioning agent calls the same address from inside.
        </Content>
        <Steps
          title="Microsoft Entra ID"
          steps={[
            "Enterprise applications, New application, Create your own, one that is not in the gallery.",
            `Provisioning, Automatic. Tenant URL ${baseUrl}, secret token: a token made here. Test Connection.`,
            "Mappings of users: keep userPrincipalName as userName, and map externalId from objectId, which never changes.",
            "Mappings of groups: displayName, externalId from objectId, members.",
            "Assign users and groups to the application, and start provisioning.",
            "Give the groups their roles here, and tick above that the provider sends the external id.",
          ]}
        />
        <Steps
          title="Okta"
          steps={[
            "The SAML application for this appliance, General, Provisioning: SCIM.",
            `Provisioning, Integration. Base URL ${baseUrl}, unique identifier userName, HTTP header with a token made here. Test Connector Configuration.`,
            "Push new users, profile updates and groups; leave Sync Password off.",
            "To App: create users, update attributes, deactivate users.",
            "Push Groups: those that get roles here. A user must be assigned to the application too.",
          ]}
        />
      </CardBody>
    </Card>
  );
}

function Steps({ title, steps }: { title: string; steps: readonly string[] }) {
  return (
    <ExpandableSection toggleText={title}>
      <List component={ListComponent.ol} type={OrderType.number}>
        {steps.map((step) => (
          <ListItem key={step} className="ls-break">
            {step}
          </ListItem>
        ))}
      </List>
    </ExpandableSection>
  );
}
