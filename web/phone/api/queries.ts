/** Everything that the phone reads. Live events keep it fresh (see `live.ts`). */
import { infiniteQueryOptions, keepPreviousData, QueryClient, queryOptions } from "@tanstack/react-query";
import { get, part } from "./client";
import type {
  Business,
  Call,
  Chat,
  ChatLine,
  Clock,
  Delivery,
  Fault,
  KnownFailure,
  Person,
  Phone,
  Settings,
  Template,
} from "./types";

/** Messages of one page of a chat. */
const PAGE = 60;
/** Lines of a log. */
const LINES = 60;

export function newQueryClient(): QueryClient {
  return new QueryClient({ defaultOptions: { queries: { staleTime: Infinity, retry: 2, refetchOnWindowFocus: false } } });
}

export const phonesQuery = (q: string) =>
  queryOptions({
    queryKey: ["phones", q],
    queryFn: () => get<Phone[]>("/phones", { q: q || undefined }),
    placeholderData: keepPreviousData,
  });

export const personQuery = (person: string) =>
  queryOptions({
    queryKey: ["person", person],
    queryFn: () => get<Person>(`/people/${part(person)}`),
    retry: false,
  });

export const chatsQuery = (person: string) =>
  queryOptions({ queryKey: ["chats", person], queryFn: () => get<ChatLine[]>(`/phones/${part(person)}/chats`) });

export const businessesQuery = queryOptions({
  queryKey: ["businesses"],
  queryFn: () => get<Business[]>("/businesses"),
});

export const templatesQuery = (account: string) =>
  queryOptions({
    queryKey: ["templates", account],
    queryFn: () => get<Template[]>("/templates", { account }),
  });

/** The templates of every business. */
export const allTemplatesQuery = queryOptions({ queryKey: ["templates"], queryFn: () => get<Template[]>("/templates") });

/** The messages of a chat; the first page is the newest. */
export const messagesQuery = (person: string, number: string) =>
  infiniteQueryOptions({
    queryKey: ["messages", person, number],
    queryFn: ({ pageParam }) =>
      get<Chat>(`/phones/${part(person)}`, { number, before: pageParam, limit: PAGE }),
    initialPageParam: undefined as number | undefined,
    getNextPageParam: (oldest) => (oldest.messages.length < PAGE ? undefined : oldest.messages[0]?.sequence),
  });

export const clockQuery = queryOptions({
  queryKey: ["clock"],
  queryFn: async () => {
    const clock = await get<Clock>("/clock");
    // The page's clock need not be the machine's.
    return { ...clock, ahead: clock.now - Date.now() };
  },
});

export const settingsQuery = queryOptions({ queryKey: ["settings"], queryFn: () => get<Settings>("/settings") });
export const faultsQuery = queryOptions({ queryKey: ["faults"], queryFn: () => get<Fault[]>("/faults") });
export const failuresQuery = queryOptions({
  queryKey: ["failures"],
  queryFn: () => get<KnownFailure[]>("/failures"),
});
export const callsQuery = queryOptions({
  queryKey: ["calls"],
  queryFn: () => get<Call[]>("/calls", { limit: LINES }),
});
export const deliveriesQuery = queryOptions({
  queryKey: ["deliveries"],
  queryFn: () => get<Delivery[]>("/deliveries", { limit: LINES }),
});
