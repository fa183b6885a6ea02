import { describe, expect, it } from "vitest";

import { EVENTS, actorInWords, detailInWords, eventsByArea, wordsFor } from "./event-words";

describe("the words of the audit trail", () => {
  it("offer every event once", () => {
    const offered = eventsByArea().flatMap(({ events }) => events.map(([name]) => name));
    expect(offered.toSorted()).toEqual(Object.keys(EVENTS).toSorted());
  });

  it("call an event of a newer server what it is called there", () => {
    expect(wordsFor("moon_landed").words).toBe("moon landed");
    expect(wordsFor("constructor").words).toBe("constructor");
  });

  it("tell who acts, also without a name", () => {
    expect(actorInWords({ type: "client", id: "svc_1", name: null })).toBe("the service svc_1");
    expect(actorInWords({ type: "command_line", id: null, name: null })).toBe("the command line");
  });

  it("shorten the id of a session and nothing else", () => {
    expect(detailInWords("01a200fd-aee3-72c0-8808-8e4c187b5dd8")).toBe("session 01a200fd-aee3-72c0…");
    expect(detailInWords("user → admin, user")).toBe("user → admin, user");
  });
});
