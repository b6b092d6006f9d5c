/** Questions that were tried in this sitting, as the browser tab remembers them. */
import { useSessionStorage } from "@mantine/hooks";
import { useMutation } from "@tanstack/react-query";
import { answer, api, type Schemas } from "@/api/client";
import { useOrg } from "@/app/session";

/** A question with what the AI would answer. */
export interface Tried {
  id: string;
  question: string;
  answer: Schemas["TriedAnswer"];
  /** The answer it was given since, by a person. */
  taught?: string;
}

/** What the AI should answer instead, and to which question tried. */
export type Lesson = Schemas["Lesson"] & { id: string };

/** So many are remembered. */
const MOST = 50;

/** The questions tried, oldest first, and the way to try another. */
export function useTried() {
  const org = useOrg();
  const [tried, setTried] = useSessionStorage<Tried[]>({ key: `sapa.tried.${org}`, defaultValue: [] });
  const ask = useMutation({
    mutationFn: async (question: string): Promise<Tried> => {
      const body = { question };
      const given = await answer(api.POST("/api/v1/orgs/{org}/ai/try", { params: { path: { org } }, body }));
      return { id: crypto.randomUUID(), question, answer: given };
    },
    onSuccess: (one) => setTried((before) => [...before, one].slice(-MOST)),
  });
  const teach = useMutation({
    mutationFn: ({ question, answer: right }: Lesson) =>
      answer(
        api.POST("/api/v1/orgs/{org}/ai/corrections", { params: { path: { org } }, body: { question, answer: right } }),
      ),
    onSuccess: (_, { id, answer: taught }) =>
      setTried((before) => before.map((one) => (one.id === id ? { ...one, taught } : one))),
  });
  return { tried, ask, teach, forget: () => setTried([]) };
}
