import { AndFilter, EqualityFilter, ExtensibleFilter, type Filter, FilterParser, NotFilter, OrFilter } from "ldapts";

const placeholder = "{user}";
const mostDepth = 20;

/**
 * The search filter for one person: an administrator's template such as `(&(objectClass=person)(uid={user}))` with the name
 * that somebody typed as a value. The template alone is parsed; the name goes into the parsed filter and travels as an octet
 * string of its own (RFC 4511 section 4.5.1.7), so that nothing in it is ever read as filter syntax.
 */
export function personFilter(template: string, userName: string): Filter {
  return place(FilterParser.parseString(template), userName);
}

function place(filter: Filter, userName: string): Filter {
  if (filter instanceof AndFilter)
    return new AndFilter({ filters: filter.filters.map((each) => place(each, userName)) });
  if (filter instanceof OrFilter) return new OrFilter({ filters: filter.filters.map((each) => place(each, userName)) });
  if (filter instanceof EqualityFilter && filter.value === placeholder) {
    return new EqualityFilter({ attribute: filter.attribute, value: userName });
  }
  return filter;
}

/** What is wrong with a template for persons; null when nothing is. */
export function checkPersonFilter(template: string): string | null {
  const wrong = checkFilter(template);
  if (wrong) return wrong;
  const places = countPlaces(FilterParser.parseString(template));
  if (places === 0) return `expected (attribute=${placeholder}) in it, where the name goes`;
  if (places !== template.split(placeholder).length - 1) {
    return `${placeholder} stands for a whole value and not inside (!…): expected (attribute=${placeholder})`;
  }
  return null;
}

/** What is wrong with a filter that an administrator wrote; null when nothing is. */
export function checkFilter(text: string): string | null {
  if (!text.startsWith("(")) return "expected a filter in parentheses (RFC 4515)";
  // The library turns each escaped byte into a character of its own, which is wrong for UTF-8.
  if (/\\[89a-f][0-9a-f]/i.test(text)) return "letters beyond ASCII stand as they are, not escaped";
  try {
    const depth = depthOf(FilterParser.parseString(text));
    return depth > mostDepth ? `nested ${depth} deep, expected at most ${mostDepth}` : null;
  } catch {
    return "it is no filter of RFC 4515: check its parentheses, attribute names and escapes";
  }
}

function countPlaces(filter: Filter): number {
  if (filter instanceof AndFilter || filter instanceof OrFilter) {
    return filter.filters.reduce((sum, each) => sum + countPlaces(each), 0);
  }
  return filter instanceof EqualityFilter && filter.value === placeholder ? 1 : 0;
}

function depthOf(filter: Filter): number {
  if (filter instanceof NotFilter) return 1 + depthOf(filter.filter);
  if (filter instanceof AndFilter || filter instanceof OrFilter) return 1 + Math.max(...filter.filters.map(depthOf));
  return 1;
}

const inChainRule = "1.2.840.113556.1.4.1941";

/** Groups that have one of `members` in `attribute`; with `inChain` also through other groups, which Active Directory follows. */
export function groupFilter(
  base: string,
  { attribute, members, inChain }: { attribute: string; members: readonly string[]; inChain: boolean },
): Filter {
  const each = members.map((value) =>
    inChain
      ? new ExtensibleFilter({ matchType: attribute, rule: inChainRule, value })
      : new EqualityFilter({ attribute, value }),
  );
  return new AndFilter({ filters: [FilterParser.parseString(base), new OrFilter({ filters: each })] });
}
