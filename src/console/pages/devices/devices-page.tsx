import { PageFrame } from "../../components/page-frame.tsx";
import { DevicesTable } from "./devices-table.tsx";

export function Page() {
  return (
    <PageFrame title="Devices" about="Edge appliances that may send, and when each was last heard.">
      <DevicesTable />
    </PageFrame>
  );
}
