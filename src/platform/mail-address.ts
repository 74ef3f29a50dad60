// RFC 5321 section 4.1.2, ASCII alone, without quoted strings, address literals and comments: what people have.
const ADDRESS =
  /^[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*@(?=.{1,253}$)[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*$/;

/** One address that means one mailbox to every parser. */
export function isMailAddress(text: string): boolean {
  return text.length <= 254 && text.indexOf("@") <= 64 && ADDRESS.test(text);
}

/** `a@b.example`, or `Name <a@b.example>`. */
export function parseSender(text: string): { name: string; address: string } | undefined {
  const named = /^([^<>"\p{Cc}]{1,100}?)\s*<([^<>\s]+)>$/u.exec(text);
  const [name, address] = named ? [named[1]!.trim(), named[2]!] : ["", text];
  return isMailAddress(address) ? { name, address } : undefined;
}
