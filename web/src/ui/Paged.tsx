/** Lists that the server gives page by page: the newest first, older ones when they are asked for. */
import { Button, Center } from "@mantine/core";
import { infiniteQueryOptions, useSuspenseInfiniteQuery, type QueryKey } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";

/** A page of a list. */
interface ListPage<Item> {
  items: Item[];
  next?: string | null;
}

/** A list as a query; `fetch` gets the page after a cursor. */
export function pagedQuery<Item>(queryKey: QueryKey, fetch: (after?: string) => Promise<ListPage<Item>>) {
  return infiniteQueryOptions({
    queryKey,
    queryFn: ({ pageParam }) => fetch(pageParam),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next ?? undefined,
  });
}

/** What was read of a list so far, and the button that reads on. */
export function usePaged<Item>(query: ReturnType<typeof pagedQuery<Item>>) {
  const list = useSuspenseInfiniteQuery(query);
  const more = list.hasNextPage ? <More pending={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()} /> : null;
  return { items: list.data.pages.flatMap((page) => page.items), more };
}

function More({ pending, onClick }: { pending: boolean; onClick: () => void }) {
  const { t } = useTranslation();
  return (
    <Center mt="md">
      <Button variant="default" loading={pending} onClick={onClick}>
        {t("more")}
      </Button>
    </Center>
  );
}
