import { useCan } from "../../app/session.tsx";
import { PageFrame } from "../../components/page-frame.tsx";
import { ApplianceHealthView } from "./appliance-health.tsx";
import { OwnHealthView } from "./own-health.tsx";

/** The operator sees the whole appliance and no tenant's content; a tenant's people see what concerns them. */
export function Page() {
  const can = useCan();
  const isOperator = can("appliance:read");
  return (
    <PageFrame
      title="Health"
      about={
        isOperator
          ? "The appliance as a whole: its parts, certificates, room and work. No tenant's content is here."
          : "Whether the appliance's parts answer, until when its certificates count, and how much room and work there is."
      }
    >
      {isOperator ? <ApplianceHealthView /> : <OwnHealthView />}
    </PageFrame>
  );
}
