import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { ApiError } from "../../src/api/client";
import { COMMANDS } from "../../src/keys";
import { CURIE, SIOPEN } from "../../src/state/score_pass";
import { chooseLanguage, LANGUAGES, nameOf, say, WORDS, type Word } from "../../src/words";
import { secondsOf, speakRefusal } from "../../src/words/speaking";

const ALL = Object.entries(WORDS);
const places = (text: string): string[] => [...text.matchAll(/\{\w+\}/g)].map(([place]) => place).sort();

describe("every text", () => {
  test.each(LANGUAGES)("is said in %s", (language) => {
    expect(ALL.filter(([, text]) => !text[language].trim()).map(([word]) => word)).toEqual([]);
  });

  test("has the same places in each language", () => {
    const differ = ALL.filter(([, text]) => LANGUAGES.some((one) => `${places(text[one])}` !== `${places(text.en)}`));
    expect(differ.map(([word]) => word)).toEqual([]);
  });

  test("is set as its language sets it", () => {
    const french = ALL.filter(([, { fr }]) => /'|[^\s\u00a0\u202f][;!?](\s|$)|[^\s\u00a0\u202f]:\s/.test(fr)).map(([word]) => word);
    const chinese = ALL.filter(([, { zh }]) => /[\u4e00-\u9fff][,;:!?]|[\u4e00-\u9fff]\.$/.test(zh)).map(([word]) => word);
    expect({ french, chinese }).toEqual({ french: [], chinese: [] });
  });

  test("stands in one file only", () => {
    const files = ["codes", "common", "consensus", "keys", "presses", "reading", "refusals", "score", "signing", "sites", "study", "worklist"];
    const found = files.flatMap((file) => {
      const text = readFileSync(join(__dirname, `../../src/words/${file}.ts`), "utf8");
      return [...text.matchAll(/^ {2}"?([\w.]+)"?: \{/gm)].map(([, word]) => word);
    });
    expect(found.length).toBe(new Set(found).size);
    expect(new Set(found)).toEqual(new Set(ALL.map(([word]) => word)));
  });
});

test("places of a text are filled", () => {
  expect(say("en", "list_count", { locked: 2, count: 5 })).toBe("2 of 5 locked");
  expect(say("fr", "wait_seconds")).toContain("{seconds}");
});

test.each([
  [["fr-CA", "en"], "fr"],
  [["zh-Hans-CN"], "zh"],
  [["de", "FR"], "fr"],
  [["de"], "en"],
  [[], "en"],
])("a browser that asks for %s is answered in %s", (wanted, language) => {
  expect(chooseLanguage(wanted)).toBe(language);
});

describe("what has a code has a name", () => {
  test.each(Object.keys(COMMANDS))("the command %s", (command) => {
    expect(WORDS).toHaveProperty([`key.${command}`]);
  });

  test.each([...SIOPEN, ...CURIE])("the segment $system $segment", ({ system, segment }) => {
    expect(WORDS).toHaveProperty([`${system}.${segment}`]);
  });

  test("an unknown code stands for itself", () => expect(nameOf("fr", "region", "tail")).toBe("tail"));
});

describe("refusals", () => {
  /** Codes that no request of the page is answered with. */
  const ELSEWHERE = ["method_not_allowed", "exists", "own_account", "weak_password", "unknown_reader"];
  const docs = readFileSync(join(__dirname, "../../../docs/api.md"), "utf8");
  const codes = [...docs.matchAll(/^\| `(\w+)` \| \d{3} \|/gm)].map(([, code]) => code ?? "");
  const speaker = { say: (word: Word) => say("fr", word) };

  test("are all told in words", () => {
    expect(codes.length).toBeGreaterThan(25);
    const untold = codes.filter((code) => !(`refusal.${code}` in WORDS));
    expect(untold.filter((code) => !ELSEWHERE.includes(code))).toEqual([]);
  });

  test("are spoken in the language of the reader", () => {
    expect(speakRefusal(speaker, new ApiError(409, "locked", "the read is locked"))).toBe("La lecture est verrouillée.");
    expect(speakRefusal(speaker, new ApiError(409, "new_code", "as the server says"))).toBe("as the server says");
    expect(speakRefusal(speaker, new ApiError(409, "new_code", ""))).toBe("new_code");
  });

  test("tell how long to wait", () => {
    expect(secondsOf(new ApiError(429, "wait", "", { seconds: 3.2 }))).toBe(4);
    expect(secondsOf(new ApiError(409, "locked", ""))).toBe(0);
  });
});
