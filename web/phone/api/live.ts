/** What happens in the emulator, as it happens: server-sent events, put straight into what was read. */
import { useQueryClient, type QueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { put, type Pages } from "./pages";
import type { ChatLine, Message, Person, Thread } from "./types";

/** How long to wait before connecting anew where the browser has given up by itself. */
const AGAIN_MS = 2000;
/** Lists are read anew at most this often, however much happens. */
const CALM_MS = 120;

/** What is read anew when a table of the world changed. */
const READ_ANEW: Record<string, readonly string[]> = {
  settings: ["clock", "settings"],
  faults: ["faults"],
  numbers: ["businesses"],
  accounts: ["businesses"],
  number_files: ["businesses"],
  templates: ["templates"],
};

/** Events and what they carry. */
interface Told {
  ready: unknown;
  message: Message;
  chat: Thread;
  person: Person;
  world: { table: string };
  call: unknown;
  delivery: unknown;
  reset: unknown;
}

/** Watches the emulator; whether it is heard. */
export function useLive(): boolean {
  const queries = useQueryClient();
  const [heard, setHeard] = useState(true);
  useEffect(() => {
    const anew = calm(queries);
    let source: EventSource;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const on = <Name extends keyof Told>(name: Name, act: (data: Told[Name]) => void) =>
      source.addEventListener(name, (event: MessageEvent<string>) => act(JSON.parse(event.data) as Told[Name]));
    const connect = () => {
      source = new EventSource("/_emulator/events");
      on("ready", () => {
        setHeard(true);
        // What happened between reading and hearing is told to nobody.
        everythingAnew(queries);
      });
      on("message", (message) => {
        const { person_id: person, number_id: number } = message;
        queries.setQueryData<Pages>(["messages", person, number], (pages) => put(pages, message));
        anew(["chats", person]);
        anew(["phones"]);
      });
      on("chat", (thread) => {
        typing(queries, thread);
        anew(["chats", thread.person_id]);
        anew(["phones"]);
      });
      on("person", (person) => {
        queries.setQueryData(["person", person.id], person);
        anew(["chats", person.id]);
        anew(["phones"]);
      });
      on("world", ({ table }) => READ_ANEW[table]?.forEach((key) => anew([key])));
      on("call", () => anew(["calls"]));
      on("delivery", () => anew(["deliveries"]));
      on("reset", () => everythingAnew(queries));
      source.addEventListener("error", () => {
        setHeard(false);
        if (source.readyState === EventSource.CLOSED) timer = setTimeout(connect, AGAIN_MS);
      });
    };
    connect();
    return () => {
      clearTimeout(timer);
      source.close();
    };
  }, [queries]);
  return heard;
}

/** Reads everything anew; of chats the newest page, the others when they are scrolled to. */
function everythingAnew(queries: QueryClient): void {
  queries.setQueriesData<Pages>({ queryKey: ["messages"] }, (all) => {
    return all && { pages: all.pages.slice(0, 1), pageParams: all.pageParams.slice(0, 1) };
  });
  void queries.invalidateQueries();
}

/** Typing is shown before the list of chats is read anew. */
function typing(queries: QueryClient, thread: Thread): void {
  queries.setQueryData<ChatLine[]>(["chats", thread.person_id], (lines) =>
    lines?.map((line) => (line.number === thread.number_id ? { ...line, typing_until: thread.typing_until } : line)),
  );
}

/** Reads lists anew, many wishes at once. */
function calm(queries: QueryClient): (key: readonly string[]) => void {
  const wished = new Map<string, readonly string[]>();
  return (key) => {
    if (wished.size === 0) {
      setTimeout(() => {
        const keys = [...wished.values()];
        wished.clear();
        for (const queryKey of keys) void queries.invalidateQueries({ queryKey });
      }, CALM_MS);
    }
    wished.set(key.join(), key);
  };
}
