import { type AppError, invalid } from "../../platform/errors.ts";
import { COMMON_WORDS } from "./common-words.ts";

export const SHORTEST_PASSWORD = 12;
export const LONGEST_PASSWORD = 256;

const leet: Record<string, string> = { "0": "o", "1": "i", "3": "e", "4": "a", "5": "s", "7": "t", "8": "b", "9": "g" };
const signs: Record<string, string> = { "@": "a", $: "s", "!": "i", "€": "e" };
const walks = [
  "abcdefghijklmnopqrstuvwxyz",
  "01234567890",
  "qwertyuiop",
  "qwertzuiop",
  "azertyuiop",
  "asdfghjkl",
  "zxcvbnm",
  "yxcvbnm",
  "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p",
  "1q2w3e4r5t6y7u8i9o0p",
];

/**
 * NIST SP 800-63B section 5.1.1.2: a least length, no rule about kinds of characters, and refused what is common or follows from who
 * and where one is. @throws AppError `invalid` with what to do.
 */
export function checkPassword(password: string, about: readonly string[]): void {
  const text = password.normalize("NFKC");
  const length = [...text].length;
  if (length < SHORTEST_PASSWORD || length > LONGEST_PASSWORD) {
    throw weak(`the password has ${length} characters`, `${SHORTEST_PASSWORD} to ${LONGEST_PASSWORD}`);
  }
  if (/\p{Cc}/u.test(text)) throw weak("the password has control characters", "letters, digits, signs and spaces");
  if (isCommon(text)) throw weak("this password is among the first that are guessed", "one that is no common word");
  if (followsFrom(text, about)) {
    throw weak("this password follows from your name or this place", "one that says nothing of you");
  }
}

/** Whether there is nothing in it but one or two common words, a walk over the keyboard, a repetition, digits and signs. */
export function isCommon(password: string): boolean {
  const text = password.toLowerCase();
  if (isRepeated(text) || isWalk(text) || isNumber(text)) return true;
  return spellings(text).some((each) => {
    const { left, words } = without(each, longestFirst(COMMON_WORDS));
    return left.length < 4 && words > 0 && words <= 2;
  });
}

function followsFrom(password: string, about: readonly string[]): boolean {
  const words = about
    .flatMap((each) => [each, ...each.split(/[^\p{L}\p{N}]+/u)])
    .map((each) => letters(each.normalize("NFKC").toLowerCase()))
    .filter((each) => each.length >= 4);
  if (words.length === 0) return false;
  const plain = spellings(password.toLowerCase());
  return plain.some(
    (each) => words.some((word) => each.includes(word)) && without(each, longestFirst(words)).left.length < 6,
  );
}

/** The letters alone; with the digits and signs that stand for letters read as such; and so without what is before and behind. */
function spellings(text: string): string[] {
  const read = (part: string) => letters([...part].map((each) => signs[each] ?? leet[each] ?? each).join(""));
  return [letters(text), read(text), read(text.replace(/^[^\p{L}]+|[^\p{L}]+$/gu, ""))];
}

const letters = (text: string): string => text.replace(/[^\p{L}]/gu, "");

const longestFirst = (words: Iterable<string>): string[] =>
  [...words].filter((word) => word.length >= 3).sort((a, b) => b.length - a.length);

/** What is left of a text when these words are taken out, and how many of them were in it. */
function without(text: string, list: readonly string[]): { left: string; words: number } {
  let left = text;
  let words = 0;
  for (const word of list) {
    if (!left.includes(word)) continue;
    left = left.replaceAll(word, "");
    words++;
  }
  return { left, words };
}

const isRepeated = (text: string): boolean => /^(.{1,6}?)\1+.{0,3}$/su.test(text) || new Set(text).size < 5;

/** Dates, telephone and card numbers. */
const isNumber = (text: string): boolean => /^[\d\s./+-]{0,19}$/.test(text);

/** Nothing but runs of three and more along an alphabet or a keyboard, in either direction. */
function isWalk(text: string): boolean {
  const lines = [...walks, ...walks.map((line) => [...line].reverse().join(""))];
  let at = 0;
  let strayed = 0;
  while (at < text.length) {
    let run = 1;
    while (at + run < text.length && lines.some((line) => line.includes(text.slice(at, at + run + 1)))) run++;
    if (run < 3) strayed += run;
    at += run;
  }
  return strayed < 4;
}

const weak = (found: string, expected: string): AppError =>
  invalid("this password cannot be used", {
    found,
    expected,
    remedy: "take three or four words that have nothing to do with each other",
  });
