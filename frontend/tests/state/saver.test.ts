import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { api, ApiError, type SentContent } from "../../src/api/client";
import type { SavedAnswer, ScoresAnswer } from "../../src/api/answers";
import { Saver, type SaveState } from "../../src/state/saver";
import { content, NO_SCORES } from "./reads";

/** What a fake server was sent, and how it answers next: with the next version unless told otherwise. */
class Server {
  sent: (SentContent & { keepalive: boolean | undefined })[] = [];
  atOnce = 0;
  most = 0;
  refusals: (ApiError | null)[] = [];
  answerAfter = 50;
  version = 3;

  async save(_: string, sent: SentContent, keepalive?: boolean): Promise<SavedAnswer> {
    this.sent.push({ ...sent, keepalive });
    this.most = Math.max(this.most, ++this.atOnce);
    await new Promise((resolve) => setTimeout(resolve, this.answerAfter));
    this.atOnce -= 1;
    const refusal = this.refusals.shift();
    if (refusal) throw refusal;
    if (sent.version !== this.version) throw new ApiError(409, "conflict", "", { stored: { version: this.version } });
    this.version += 1;
    return { case: "0001", state: "draft", version: this.version, scores: { ...NO_SCORES, curie_skeletal: { total: this.version } } };
  }
}

const OFFLINE = new ApiError(0, "offline", "");
const ENDED = new ApiError(401, "unauthenticated", "");
let server: Server;
let states: SaveState[];
let scores: ScoresAnswer[];
let saver: Saver;

const kinds = (): string[] => states.map((one) => one.kind);
const comments = (): (string | null)[] => server.sent.map((one) => one.comment);
const say = (comment: string): void => saver.change(content({ comment }));
const wait = (ms: number): Promise<unknown> => vi.advanceTimersByTimeAsync(ms);

beforeEach(() => {
  vi.useFakeTimers();
  server = new Server();
  states = [];
  scores = [];
  vi.spyOn(api, "save").mockImplementation((...given) => server.save(...given));
  saver = new Saver("0001", 3, () => 7, { state: (state) => states.push(state), scores: (told) => scores.push(told) });
});

afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

describe("changes", () => {
  test("that follow each other quickly are saved together, with the time that was spent", async () => {
    for (const comment of ["a", "ab", "abc"]) {
      say(comment);
      await wait(100);
    }
    expect(server.sent).toEqual([]);
    await wait(1000);
    expect(comments()).toEqual(["abc"]);
    expect(server.sent[0]).toMatchObject({ version: 3, seconds: 7, evaluable: true });
    expect(kinds()).toEqual(["waiting", "waiting", "waiting", "saving", "saved"]);
    expect(scores).toHaveLength(1);
    expect([saver.version, saver.isBehind]).toEqual([4, false]);
  });

  test("during a request wait for its answer: never two requests at once", async () => {
    server.answerAfter = 2000;
    for (const comment of ["a", "b", "c", "d"]) {
      say(comment);
      await wait(700);
    }
    expect(saver.isBehind).toBe(true);
    await wait(10_000);
    expect(server.most).toBe(1);
    expect(comments()).toEqual(["a", "d"]);
    expect(server.sent.map((one) => one.version)).toEqual([3, 4]);
    expect(kinds().at(-1)).toBe("saved");
  });
});

describe("without an answer", () => {
  test.each([["the network", OFFLINE], ["the database", new ApiError(503, "unavailable", "")], ["a fault", new ApiError(500, "fault", "")]])(
    "of %s the newest content is sent again until it is there",
    async (_, refusal) => {
      server.refusals = [refusal, refusal, null];
      say("a");
      await wait(500);
      expect(kinds().at(-1)).toBe("offline");
      say("b");
      await wait(20_000);
      expect(server.sent.length).toBe(3);
      expect(comments().at(-1)).toBe("b");
      expect(kinds().at(-1)).toBe("saved");
    },
  );
});

describe("a conflict", () => {
  beforeEach(async () => {
    server.version = 8;
    say("mine");
    await wait(1000);
  });

  test("stops, and tells what is stored", async () => {
    expect(states.at(-1)).toEqual({ kind: "conflict", stored: { version: 8 } });
    say("more");
    await wait(60_000);
    expect(server.sent).toHaveLength(1);
    expect(kinds().at(-1)).toBe("conflict");
  });

  test("is settled with the version of what is stored", async () => {
    saver.resume(8);
    await wait(1000);
    expect(kinds().at(-1)).toBe("saved");
    expect(server.sent.at(-1)).toMatchObject({ version: 8, comment: "mine" });
  });
});

describe("a session that has ended", () => {
  test.each([ENDED, new ApiError(403, "csrf", "")])("waits for the reader, then goes on with everything", async (refusal) => {
    server.refusals = [refusal];
    say("a");
    await wait(1000);
    expect(kinds().at(-1)).toBe("signed_out");
    say("ab");
    await wait(60_000);
    expect(server.sent).toHaveLength(1);
    saver.resume();
    await wait(1000);
    expect(comments()).toEqual(["a", "ab"]);
    expect(kinds().at(-1)).toBe("saved");
  });
});

test("another refusal stops and is told", async () => {
  server.refusals = [new ApiError(409, "locked", "")];
  say("a");
  await wait(60_000);
  expect(states.at(-1)).toMatchObject({ kind: "refused", error: { code: "locked" } });
  expect(server.sent).toHaveLength(1);
});

describe("flush", () => {
  test("saves at once and says that all is there", async () => {
    say("a");
    const flushed = saver.flush();
    await wait(60);
    expect(await flushed).toBe(true);
    expect(comments()).toEqual(["a"]);
  });

  test("waits for the running request and what came after it", async () => {
    say("a");
    await wait(360);
    say("b");
    const flushed = saver.flush();
    await wait(200);
    expect(await flushed).toBe(true);
    expect(comments()).toEqual(["a", "b"]);
    expect(server.most).toBe(1);
  });

  test("says that something is missing, and later that it is not", async () => {
    server.refusals = [OFFLINE];
    say("a");
    const first = saver.flush();
    await wait(60);
    expect(await first).toBe(false);
    expect(saver.isBehind).toBe(true);
    const second = saver.flush();
    await wait(60);
    expect(await second).toBe(true);
  });

  test("does not go on after a refusal", async () => {
    server.refusals = [ENDED];
    say("a");
    const flushed = saver.flush();
    await wait(60);
    expect(await flushed).toBe(false);
    expect(await saver.flush()).toBe(false);
    expect(server.sent).toHaveLength(1);
  });

  test("with nothing to save asks nothing", async () => {
    expect(await saver.flush()).toBe(true);
    expect(server.sent).toEqual([]);
  });
});

describe("whoever leaves the page", () => {
  test("sends what waits, once", async () => {
    say("a");
    saver.leave();
    await wait(60_000);
    expect(server.sent).toMatchObject([{ comment: "a", keepalive: true }]);
  });

  test("sends nothing where all is saved", async () => {
    say("a");
    await wait(1000);
    saver.leave();
    expect(server.sent).toHaveLength(1);
  });
});
