import assert from "node:assert/strict";
import { networkInterfaces } from "node:os";
import { refusalOf } from "../../src/platform/outbound-address.ts";

const own = Object.values(networkInterfaces()).flatMap((list) => (list ?? []).map(({ address }) => address));

describe("outbound: addresses", () => {
  const rules = { allow: [] as string[], loopbackPorts: [] as number[] };

  it("the public is reached, and nothing that only looks like it", () => {
    for (const address of ["1.1.1.1", "93.184.216.34", "2606:4700::1111"]) {
      assert.equal(refusalOf(address, 443, rules), null, address);
    }
    const special = ["10.0.0.1", "172.16.0.1", "192.168.1.1", "100.64.0.1", "192.0.2.9", "198.18.0.1", "240.0.0.1"];
    const six = ["fd12::1", "2001:db8::1", "3fff::1", "4000::1", "2001:2::1", "5f00::1", "::2"];
    for (const address of [...special, ...six]) assert.notEqual(refusalOf(address, 443, rules), null, address);
    for (const text of ["", "localhost", "127.1", "0x7f.1", "1.1.1.1.", "1.1.1", "2130706433"]) {
      assert.equal(refusalOf(text, 443, { ...rules, allow: ["0.0.0.0/0"] }), "no address", text);
    }
  });

  it("an allowlist opens its networks and never loopback, link, metadata, or addresses inside addresses", () => {
    const allow = ["0.0.0.0/0", "::/0", "169.254.0.0/16", "127.0.0.1/32", "::1/128", "64:ff9b::/96", "100.64.0.0/10"];
    for (const address of ["10.1.2.3", "192.168.0.1", "100.64.0.1", "fd12::1", "2001:db8::1"]) {
      assert.equal(refusalOf(address, 443, { ...rules, allow }), null, address);
    }
    const never = ["127.0.0.1", "127.9.9.9", "0.0.0.0", "0.1.2.3", "169.254.169.254", "255.255.255.255", "224.0.0.1"];
    const metadata = ["100.100.100.200", "168.63.129.16", "192.0.0.192", "fd00:ec2::254", "fd20:ce::254"];
    const six = ["::1", "::", "fe80::1", "fe80::1%eth0", "fec0::1", "ff02::1", "100::1"];
    const embedded = ["::ffff:10.1.2.3", "::ffff:1.1.1.1", "::127.0.0.1", "::ffff:0:10.1.2.3", "64:ff9b::a00:1"];
    for (const address of [...never, ...metadata, ...six, ...embedded, "64:ff9b:1::1", "2002:a00:1::", "2001:0:1::1"]) {
      assert.notEqual(refusalOf(address, 443, { ...rules, allow }), null, address);
    }
    assert.notEqual(refusalOf("10.1.2.3", 443, { ...rules, allow: ["10.2.0.0/16", "::/0"] }), null);
  });

  it("a port of this machine is opened by number alone", () => {
    for (const address of ["127.0.0.1", "::1", ...own.filter((each) => !each.startsWith("fe80"))]) {
      assert.equal(refusalOf(address, 8443, { ...rules, loopbackPorts: [8443] }), null, address);
      assert.notEqual(refusalOf(address, 5432, { ...rules, loopbackPorts: [8443] }), null, address);
    }
  });
});
