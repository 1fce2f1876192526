import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { describe, expect, test } from "vitest";

const ROOT = join(__dirname, "../src");
/** Low to high; a folder imports lower ones and its own files only. */
const ORDER = ["api", "words", "keys", "viewer", "state", "layouts", "parts", "pages"];

const files = readdirSync(ROOT, { recursive: true, encoding: "utf8" }).filter((name) => /\.tsx?$/.test(name));

function imports(file: string): string[] {
  const text = readFileSync(join(ROOT, file), "utf8");
  return [...text.matchAll(/from "(\.[^"]+)"/g)].map(([, path]) => normalize(join(dirname(file), path ?? "")));
}

describe("imports", () => {
  test.each(files.filter((file) => file.includes("/")))("%s reaches lower folders only", (file) => {
    const own = ORDER.indexOf(file.split("/")[0] ?? "");
    expect(own).toBeGreaterThanOrEqual(0);
    const higher = imports(file).filter((target) => ORDER.indexOf(target.split("/")[0] ?? "") > own || !target.includes("/"));
    expect(higher.filter((target) => !ORDER.includes(target))).toEqual([]);
  });

  test("nothing but preact is imported from elsewhere", () => {
    const others = files.flatMap((file) =>
      [...readFileSync(join(ROOT, file), "utf8").matchAll(/from "([^."][^"]*)"/g)].map(([, name]) => name),
    );
    expect(new Set(others.filter((name) => !name?.startsWith("preact")))).toEqual(new Set());
  });

  test("no page has markup that the content policy forbids", () => {
    const text = files.map((file) => readFileSync(join(ROOT, file), "utf8")).join("\n");
    expect(text).not.toMatch(/dangerouslySetInnerHTML|innerHTML|\seval\(|new Function|style="|data:|blob:|https?:\/\/(?!www\.w3\.org)/);
  });
});
