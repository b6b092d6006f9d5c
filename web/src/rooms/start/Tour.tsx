/**
 * A look around: a few places, each with a ring around it and a sentence. Offered until it was taken or declined; that is
 * remembered in this browser, because it is a hint that costs nothing if it appears once more elsewhere.
 */
import { Button, CloseButton, Group, Paper, Portal, Text } from "@mantine/core";
import { useHotkeys, useLocalStorage, useViewportSize } from "@mantine/hooks";
import { useCallback, useEffect, useLayoutEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { useMembership } from "@/app/session";
import classes from "./Tour.module.css";

const STOPS = ["start", "inbox", "knowledge", "accounts"] as const;
type Stop = (typeof STOPS)[number];

/** Whether the tour is offered or under way. */
export function useTour() {
  const [over, setOver] = useLocalStorage({ key: "sapa.tour", defaultValue: false, getInitialValueInEffect: false });
  const [running, setRunning] = useState(false);
  const begin = useCallback(() => setRunning(true), []);
  const end = useCallback(() => {
    setRunning(false);
    setOver(true);
  }, [setOver]);
  return { shown: running || !over, running, begin, end };
}

export function Tour({ tour }: { tour: ReturnType<typeof useTour> }) {
  const { t } = useTranslation("start");
  if (tour.running) return <Stops onEnd={tour.end} />;
  if (!tour.shown) return null;
  return (
    <Paper withBorder p="md" component="section" aria-label={t("tour.title")}>
      <Group justify="space-between">
        <div>
          <Text fw={600}>{t("tour.title")}</Text>
          <Text size="sm" c="dimmed">
            {t("tour.about")}
          </Text>
        </div>
        <Group gap="xs">
          <Button variant="default" size="sm" onClick={tour.end}>
            {t("tour.no")}
          </Button>
          <Button size="sm" onClick={tour.begin}>
            {t("tour.yes")}
          </Button>
        </Group>
      </Group>
    </Paper>
  );
}

/** The link in the menu or at the foot that leads there, if one is to be seen. */
function linkTo(slug: string, stop: Stop): Element | undefined {
  const address = stop === "start" ? `/o/${slug}` : `/o/${slug}/${stop}`;
  return [...document.querySelectorAll(`nav a[href="${address}"]`)].find(isInSight);
}

/** On phones the menu waits beside the screen. */
function isInSight(element: Element): boolean {
  const { left, right, top, bottom, width } = element.getBoundingClientRect();
  return width > 0 && right > 0 && left < window.innerWidth && bottom > 0 && top < window.innerHeight;
}

function Stops({ onEnd }: { onEnd: () => void }) {
  const { t } = useTranslation("start");
  const { slug } = useMembership();
  const { width } = useViewportSize();
  const [stops] = useState(() => STOPS.filter((stop) => linkTo(slug, stop)));
  const [place, setPlace] = useState(0);
  const [around, setAround] = useState<DOMRect | null>(null);
  const card = useRef<HTMLDivElement>(null);
  const stop = stops[place];
  useHotkeys([["Escape", onEnd]]);

  useLayoutEffect(() => {
    const rect = stop && linkTo(slug, stop)?.getBoundingClientRect();
    // eslint-disable-next-line react-hooks/set-state-in-effect -- where the link stands is known only once it is laid out
    setAround(rect ?? null);
  }, [slug, stop, width]);
  useEffect(() => card.current?.focus(), [place]);

  if (!stop) return null;
  const last = place === stops.length - 1;
  return (
    <Portal>
      {around && (
        <div
          className={classes.ring}
          style={{ top: around.top - 4, left: around.left - 4, width: around.width + 8, height: around.height + 8 }}
        />
      )}
      <Paper
        ref={card}
        className={classes.card}
        shadow="lg"
        withBorder
        p="md"
        role="dialog"
        aria-label={t("tour.title")}
        tabIndex={-1}
        data-foot={around !== null && around.top > window.innerHeight / 2 ? true : undefined}
      >
        <Group justify="space-between" wrap="nowrap" align="flex-start">
          <Text fw={600}>{t(`tour.stop.${stop}.name`)}</Text>
          <CloseButton size="sm" aria-label={t("tour.end")} onClick={onEnd} />
        </Group>
        <Text size="sm" mb="md">
          {t(`tour.stop.${stop}.about`)}
        </Text>
        <Group justify="space-between">
          <Text size="sm" c="dimmed">
            {t("tour.place", { place: place + 1, all: stops.length })}
          </Text>
          <Group gap="xs">
            {place > 0 && (
              <Button variant="default" size="sm" onClick={() => setPlace(place - 1)}>
                {t("tour.back")}
              </Button>
            )}
            <Button size="sm" onClick={() => (last ? onEnd() : setPlace(place + 1))}>
              {last ? t("tour.done") : t("tour.next")}
            </Button>
          </Group>
        </Group>
      </Paper>
    </Portal>
  );
}
