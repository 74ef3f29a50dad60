import { Command, Option } from "commander";
import { addTenant, addVerbs, printAnswer, type RouteCommand, type Wiring } from "./route-commands.ts";

/** People decide, in their own sessions: nobody on the box does it for them. */
export const approvalCommand: RouteCommand = (configPath, api) => {
  const approval = new Command("approval").description("requests for a second person, and what needs one");
  const wiring = { configPath, api, scope: "tenant" } as const;
  addVerbs(
    approval,
    {
      list: "get /api/v1/approvals",
      show: "get /api/v1/approvals/:approvalId",
      withdraw: "delete /api/v1/approvals/:approvalId",
      rules: "get /api/v1/approval-rules",
      "set-rules": "patch /api/v1/approval-rules",
    },
    wiring,
  );
  addSetRule(approval, wiring);
  return approval;
};

type Rule = {
  tenant: string;
  secondPerson?: string;
  builtin?: string;
  roleId?: string;
  anyRole?: boolean;
  json?: boolean;
};

function addSetRule(approval: Command, wiring: Wiring): void {
  const command = approval
    .command("set-rule")
    .description("Changes what one act needs. What is not given stays as it is.")
    .argument("<act>", "as 'approval rules' lists it, such as hold.release")
    .addOption(
      new Option("--second-person <choice>", "when-two: as soon as two people could decide").choices([
        "off",
        "when-two",
        "on",
      ]),
    )
    .addOption(new Option("--builtin <role>", "this built-in role does it and approves it").conflicts("roleId"))
    .option("--role-id <uuid>", "one of the tenant's own roles instead")
    .addOption(new Option("--any-role", "no role is named any more").conflicts(["builtin", "roleId"]));
  addTenant(command);
  command.option("--json", "answer as JSON").action(async (act: string, options: Rule) => {
    const { tenant, secondPerson, builtin, roleId, anyRole, json } = options;
    const role = anyRole ? null : builtin ? { builtin } : roleId ? { roleId } : undefined;
    const rule = { act, ...(secondPerson && { secondPerson }), ...(role !== undefined && { role }) };
    const call = { method: "patch", path: "/api/v1/approval-rules", params: {}, query: {}, body: { rules: [rule] } };
    printAnswer(await wiring.api.call(wiring.configPath(), tenant, call), json ?? false);
  });
}
