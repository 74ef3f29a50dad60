/** Markup that may go out as it is. Only `html` and `join` make it, so that text is escaped exactly once. */
export type Html = { readonly markup: string };
type Part = Html | string | number | undefined | false;

const entities: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };

const markupOf = (part: Part): string => {
  if (part === undefined || part === false) return "";
  return typeof part === "object" ? part.markup : String(part).replace(/[&<>"']/g, (each) => entities[each]!);
};

/** Escapes what is put in, but for other markup. */
export function html(texts: TemplateStringsArray, ...parts: Part[]): Html {
  return { markup: texts.map((text, n) => text + markupOf(parts[n])).join("") };
}

export const join = (parts: readonly Part[], between = ""): Html => ({ markup: parts.map(markupOf).join(between) });
