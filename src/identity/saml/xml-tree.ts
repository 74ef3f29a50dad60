export type XmlElement = {
  readonly namespace: string;
  readonly name: string;
  readonly attributes: readonly XmlAttribute[];
  /** Text and elements in order; neighbouring text is one string. */
  readonly children: readonly (XmlElement | string)[];
};
export type XmlAttribute = { readonly namespace: string; readonly name: string; readonly value: string };

/** The value of the attribute without a namespace; undefined when it is not there. */
export function attributeOf(element: XmlElement, name: string): string | undefined {
  return element.attributes.find((one) => one.namespace === "" && one.name === name)?.value;
}

export function childrenOf(element: XmlElement, namespace: string, name: string): XmlElement[] {
  return element.children.filter(
    (child): child is XmlElement => typeof child !== "string" && child.namespace === namespace && child.name === name,
  );
}

/** The element's text without white space around it; undefined when it holds elements. */
export function textOf(element: XmlElement): string | undefined {
  let text = "";
  for (const child of element.children) {
    if (typeof child !== "string") return undefined;
    text += child;
  }
  return text.trim();
}

/** The element and all below it, in the document's order. */
export function* everyElement(element: XmlElement): Generator<XmlElement> {
  const waiting: XmlElement[] = [element];
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    yield next;
    for (let i = next.children.length - 1; i >= 0; i--) {
      const child = next.children[i]!;
      if (typeof child !== "string") waiting.push(child);
    }
  }
}

/** For text and for attributes in double quotes. */
export function escapeXml(text: string): string {
  return text.replace(/[&<>"\t\n\r]/g, (character) => escapes[character]!);
}

const escapes: Record<string, string> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "\t": "&#9;",
  "\n": "&#10;",
  "\r": "&#13;",
};
