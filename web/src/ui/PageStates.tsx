/** A page that is loading, that failed, or that does not exist. */
import { Anchor, Button, Center, Loader, Stack, Text, Title } from "@mantine/core";
import { useQueryErrorResetBoundary } from "@tanstack/react-query";
import { Link, useRouter } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { ApiProblem, NotReached } from "@/api/problem";

/** While a page is fetched. */
export function PagePending() {
  const { t } = useTranslation();
  return (
    <Center mih="60vh">
      <Loader aria-label={t("loading")} />
    </Center>
  );
}

/** When a page cannot be shown: why, and what may be done. */
export function PageFailed({ error }: { error: unknown }) {
  const { t } = useTranslation();
  const router = useRouter();
  const { reset } = useQueryErrorResetBoundary();
  const again = () => {
    reset();
    void router.invalidate();
  };
  if (error instanceof ApiProblem && error.status === 404) return <Missing />;
  const detail =
    error instanceof ApiProblem ? error.detail : error instanceof NotReached ? t("failed.unreachable") : t("failed.page");
  return (
    <Center mih="60vh" p="md">
      <Stack align="center" gap="sm" maw={460} ta="center" role="alert">
        <Title order={1} size="h2">
          {t("failed.title")}
        </Title>
        <Text>{detail}</Text>
        <Button onClick={again}>{t("again")}</Button>
      </Stack>
    </Center>
  );
}

/** An address that leads nowhere, or to what this person may not see. */
export function Missing() {
  const { t } = useTranslation();
  return (
    <Center mih="60vh" p="md">
      <Stack align="center" gap="sm" maw={460} ta="center">
        <Title order={1} size="h2">
          {t("missing.title")}
        </Title>
        <Text>{t("missing.detail")}</Text>
        <Anchor component={Link} to="/">
          {t("missing.home")}
        </Anchor>
      </Stack>
    </Center>
  );
}
