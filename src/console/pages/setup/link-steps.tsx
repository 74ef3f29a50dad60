import { Button, Content } from "@patternfly/react-core";
import { useState } from "react";
import { useNavigate } from "react-router";
import { useCan, useSession } from "../../app/session.tsx";
import { EnrolDialog } from "../devices/enrol-dialog.tsx";

export function SecondFactorStep() {
  const { mfa } = useSession();
  return (
    <>
      <Content component="p">
        Whoever owns the tenant can release holds and give evidence away: a stolen password alone must not be enough.
        Add an authenticator app or a security key, and keep the recovery codes.
      </Content>
      {mfa.factors > 0 ? (
        <Content component="p">You have a second factor.</Content>
      ) : (
        <Button component="a" href="/account">
          Add a second factor
        </Button>
      )}
    </>
  );
}

export function SecondOwnerStep() {
  const navigate = useNavigate();
  const can = useCan();
  return (
    <>
      <Content component="p">
        Acts that cannot be undone can ask for a second person, and nobody is locked out when one owner is away. Invite
        somebody as an owner: they get a link that works once.
      </Content>
      {can("access:write") && <Button onClick={() => navigate("/access/people")}>Invite somebody</Button>}
    </>
  );
}

export function SamlStep() {
  const navigate = useNavigate();
  const can = useCan();
  return (
    <>
      <Content component="p">
        Let people sign in by your identity provider. Without one, or until then, they sign in by a password of this
        appliance. You can skip this.
      </Content>
      {can("sign-in:write") ? (
        <Button onClick={() => navigate("/access/sign-on")}>Set up SAML</Button>
      ) : (
        <Content component="p">This is an owner's to do.</Content>
      )}
    </>
  );
}

export function DeviceStep({ siteId }: { siteId: string | null }) {
  const [isEnrolling, setEnrolling] = useState(false);
  if (siteId === null) return <Content component="p">Make a site first: a device belongs to one.</Content>;
  return (
    <>
      <Content component="p">
        An edge appliance enrols with a code that is shown once. It makes its own key, gets a certificate, and sends
        from then on.
      </Content>
      <Button onClick={() => setEnrolling(true)}>Enrol a device</Button>
      {isEnrolling && <EnrolDialog onClose={() => setEnrolling(false)} />}
    </>
  );
}
