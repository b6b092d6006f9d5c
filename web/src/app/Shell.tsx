/** The frame around every page of a signed-in person: where they are, where they can go, who they are. */
import { AppShell, Burger, Divider, Group, NavLink, ScrollArea, Stack, Text, UnstyledButton } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { Link, Outlet, useLocation, useParams } from "@tanstack/react-router";
import { Fragment, useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { OpenFromAlert } from "@/rooms/alerts/OpenFromAlert";
import { countsQuery, short } from "@/rooms/inbox/counts";
import { setWaiting } from "@/ui/title";
import { OPERATOR_DESTINATIONS, ORG_DESTINATIONS, type Destination } from "./navigation";
import { OrgMenu } from "./OrgMenu";
import { PersonMenu } from "./PersonMenu";
import { useMe } from "./session";
import classes from "./Shell.module.css";

export function Shell() {
  const { t } = useTranslation();
  const [open, { toggle, close }] = useDisclosure();
  const { pathname } = useLocation();
  const hasQuick = useDestinations().within.some((one) => one.atHand);
  // A conversation has a phone's whole screen, with its own way back.
  const isTalking = useParams({ strict: false }).conversation !== undefined;
  const main = useRef<HTMLElement>(null);
  const came = useRef(pathname);
  const unread = useUnread();

  useEffect(() => {
    setWaiting(unread);
    return () => setWaiting(0);
  }, [unread]);

  // Whoever listens to the page hears of the new one, and the keyboard goes on in it.
  useEffect(() => {
    if (came.current === pathname) return;
    const room = (path: string) => path.split("/").slice(0, 4).join("/");
    if (room(came.current) !== room(pathname)) main.current?.focus({ preventScroll: true });
    came.current = pathname;
    close();
  }, [pathname, close]);

  return (
    <>
      <OpenFromAlert />
      <a className="skip-link" href="#main">
        {t("nav.skip")}
      </a>
      <AppShell
        layout="alt"
        header={{ height: 52, collapsed: isTalking, offset: true }}
        navbar={{ width: 232, breakpoint: "sm", collapsed: { mobile: !open } }}
        footer={{ height: { base: 58, sm: 0 }, collapsed: !hasQuick || isTalking }}
        className={classes.shell}
      >
        <AppShell.Header className={classes.header} hiddenFrom="sm">
          <Group h="100%" px="md" gap="sm">
            <Burger opened={open} onClick={toggle} size="sm" aria-label={t("nav.menu")} aria-expanded={open} />
            <Brand />
          </Group>
        </AppShell.Header>
        <AppShell.Navbar p="sm" className={classes.navbar} aria-label={t("nav.main")}>
          <Group visibleFrom="sm" px="xs" py={6} mb="xs">
            <Brand />
          </Group>
          <Group hiddenFrom="sm" justify="flex-end">
            <Burger opened={open} onClick={toggle} size="sm" aria-label={t("nav.close")} />
          </Group>
          <OrgMenu />
          <AppShell.Section grow component={ScrollArea} my="sm">
            <Destinations />
          </AppShell.Section>
          <PersonMenu />
        </AppShell.Navbar>
        <AppShell.Main id="main" ref={main} tabIndex={-1} className={classes.main}>
          <Outlet />
        </AppShell.Main>
        <AppShell.Footer hiddenFrom="sm" className={classes.footer}>
          <BottomBar />
        </AppShell.Footer>
      </AppShell>
    </>
  );
}

function Brand() {
  return (
    <Group gap="xs">
      <img src="/icon.svg" alt="" width={26} height={26} />
      <Text fw={700} size="lg">
        Sapa
      </Text>
    </Group>
  );
}

/** The destinations that this person may read. */
function useDestinations() {
  const { org } = useParams({ strict: false });
  const me = useMe();
  // Outside of organisations, such as in their own account, people with one go on seeing it.
  const membership = me.organisations.find((one) => one.slug === org || (!org && me.organisations.length === 1));
  const within = membership ? ORG_DESTINATIONS.filter(({ right }) => !right || membership.rights.includes(right)) : [];
  return { org: membership?.slug, id: membership?.id, within, operator: me.person.is_operator ? OPERATOR_DESTINATIONS : [] };
}

/** How many conversations nobody has read. */
function useUnread(): number {
  const { id = "", within } = useDestinations();
  const isAsked = within.some((one) => one.counts);
  const { data } = useQuery({ ...countsQuery(id), enabled: isAsked });
  return isAsked ? (data?.unread ?? 0) : 0;
}

/** What waits in a place, beside its name. */
function Waiting({ count, className }: { count: number; className?: string }) {
  const { t } = useTranslation();
  return (
    count > 0 && (
      <span className={className}>
        <span aria-hidden>{short(count)}</span>
        <span className="visually-hidden">{t("nav.unread", { count })}</span>
      </span>
    )
  );
}

function Destinations() {
  const { t } = useTranslation();
  const { org, within, operator } = useDestinations();
  const unread = useUnread();
  return (
    <Stack gap={0}>
      {[...within, ...operator].map((one, place, all) => (
        <Fragment key={one.to}>
          {one.group && one.group !== all[place - 1]?.group && <Divider mt="sm" mb={4} label={t(one.group)} labelPosition="left" />}
          <Item destination={one} org={org} waiting={one.counts ? unread : 0} />
        </Fragment>
      ))}
    </Stack>
  );
}

/** Whether an address lies at or below a destination. */
function useIsHere() {
  const { pathname } = useLocation();
  return (address: string) =>
    address.split("/").length <= 3 ? pathname === address : pathname === address || pathname.startsWith(`${address}/`);
}

function address(destination: Destination, org = ""): string {
  return destination.to.replace("$org", org);
}

function Item({ destination, org, waiting = 0 }: { destination: Destination; org?: string; waiting?: number }) {
  const { t } = useTranslation();
  const here = useIsHere()(address(destination, org));
  const Icon = destination.icon;
  return (
    <NavLink
      component={Link}
      to={address(destination, org)}
      activeOptions={{ exact: true }}
      label={t(destination.label)}
      leftSection={<Icon size={18} aria-hidden />}
      rightSection={<Waiting count={waiting} className={classes.count} />}
      active={here}
      aria-current={here ? "page" : undefined}
      className={classes.item}
    />
  );
}

/** What is needed most, at the foot of a phone. */
function BottomBar() {
  const { t } = useTranslation();
  const { org, within } = useDestinations();
  const isHere = useIsHere();
  const unread = useUnread();
  return (
    <Group component="nav" aria-label={t("nav.quick")} h="100%" justify="space-around" gap={0} wrap="nowrap">
      {within
        .filter((one) => one.atHand)
        .map((one) => {
          const Icon = one.icon;
          const here = isHere(address(one, org));
          return (
            <UnstyledButton
              key={one.to}
              component={Link}
              to={address(one, org)}
              activeOptions={{ exact: true }}
              className={classes.tab}
              data-active={here || undefined}
              aria-current={here ? "page" : undefined}
            >
              <Icon size={20} aria-hidden />
              <span>{t(one.label)}</span>
              <Waiting count={one.counts ? unread : 0} className={classes.dot} />
            </UnstyledButton>
          );
        })}
    </Group>
  );
}
