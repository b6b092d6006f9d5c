/** The button that opens Meta's window, and how it goes from there, in sentences. */
import { Anchor, Button, Group, Stack, Text } from "@mantine/core";
import { ExternalLink, MessageCircle } from "lucide-react";
import { useEffect, useEffectEvent, useSyncExternalStore } from "react";
import { useTranslation } from "react-i18next";
import { Notice } from "@/ui/Notice";
import { ProblemAlert } from "@/ui/Problem";
import { signup, type Attempt, type Door } from "./attempt";
import { IDLE, type Flow } from "./flow";
import { useScreen } from "./screens";

/** The attempt of a door, if it is the one under way. */
export function useAttempt(door: string): Attempt {
  const attempt = useSyncExternalStore(signup.subscribe, signup.attempt);
  return attempt.door === door ? attempt : { door: null, dialog: null, flow: IDLE };
}

interface SignupPanelProps {
  /** The same for as long as the same connection is meant. */
  door: Door;
  /** What the button says before anything was begun. */
  label: string;
  /** Why it cannot be pressed. */
  disabled?: boolean;
  /** The server has the code: on to the steps. */
  onTaken: (connection: string) => void;
}

export function SignupPanel({ door, label, disabled, onTaken }: SignupPanelProps) {
  const { flow, dialog } = useAttempt(door.key);
  const taken = useEffectEvent(() => {
    if (dialog) onTaken(dialog.connection_id);
    signup.release();
  });
  useEffect(() => {
    if (flow.phase === "taken") taken();
  }, [flow.phase]);
  const waits = flow.phase === "idle" || flow.phase === "preparing";
  return (
    <div>
      {waits && (
        <Group>
          <Button
            size="lg"
            leftSection={<MessageCircle size={20} aria-hidden />}
            disabled={disabled}
            loading={flow.phase === "preparing"}
            onClick={() => void signup.begin(door)}
          >
            {label}
          </Button>
        </Group>
      )}
      <div role="status">{!waits && <Standing flow={flow} fullPage={dialog?.dialog_url} door={door} />}</div>
    </div>
  );
}

interface StandingProps {
  flow: Flow;
  fullPage?: string;
  door: Door;
}

/** How the attempt stands, and what to do now. */
function Standing({ flow, fullPage, door }: StandingProps) {
  const { t } = useTranslation("onboarding");
  const screen = useScreen();
  const { phase, said } = flow;
  if (phase === "sending" || phase === "taken") {
    return (
      <Notice tone="busy" title={t("signup.sending.title")}>
        {flow.unreachable ? t("signup.sending.unreachable") : t("signup.sending.detail")}
      </Notice>
    );
  }
  if (phase === "open") {
    const detail = said?.kind === "finished" ? t("signup.open.finished") : t("signup.open.detail");
    return (
      <Notice tone="busy" title={t("signup.open.title")}>
        {detail}
        <Group mt="md">
          <Again door={door} quiet />
        </Group>
      </Notice>
    );
  }
  if (phase === "refused") {
    return (
      <Stack gap="sm">
        <ProblemAlert error={flow.problem} />
        <Group>
          <Again door={door} />
        </Group>
      </Stack>
    );
  }
  if (phase === "idle" || phase === "preparing") return null;
  const wayRound = ["blocked", "no_sdk", "closed", "no_code", "late"].includes(phase);
  return (
    <Notice tone={phase === "failed" ? "bad" : phase === "ready" ? "good" : "warn"} title={t(`signup.${phase}.title`)}>
      <Text size="sm">{t(`signup.${phase}.detail`)}</Text>
      {said?.kind === "failed" && said.message && (
        <Text size="sm" component="blockquote" m={0} mt="xs">
          {t("signup.said", { message: said.message })} {said.code && t("signup.code", { code: said.code })}
        </Text>
      )}
      {phase === "cancelled" && said?.kind === "cancelled" && said.step && (
        <Text size="sm" mt="xs">
          {t("signup.cancelled.at", { screen: screen(said.step) })}
        </Text>
      )}
      {phase === "blocked" && (
        <Text size="sm" mt="xs">
          {t("signup.blocked.how")}
        </Text>
      )}
      {phase === "no_sdk" && location.protocol !== "https:" && (
        <Text size="sm" mt="xs">
          {t("signup.no_sdk.https")}
        </Text>
      )}
      <Group gap="sm" mt="md">
        <Again door={door} />
        <Button variant="subtle" size="sm" onClick={() => signup.forget()}>
          {t("signup.leave")}
        </Button>
        {fullPage && wayRound && <FullPage to={fullPage} />}
      </Group>
    </Notice>
  );
}

function Again({ door, quiet }: { door: Door; quiet?: boolean }) {
  const { t } = useTranslation("onboarding");
  return (
    <Button variant={quiet ? "default" : "filled"} size="sm" onClick={() => signup.again(door)}>
      {quiet ? t("signup.reopen") : t("signup.openWindow")}
    </Button>
  );
}

/** The dialog as a page of its own. It opens beside this one, which goes on by itself when it is finished there. */
function FullPage({ to }: { to: string }) {
  const { t } = useTranslation("onboarding");
  return (
    <Anchor href={to} target="_blank" rel="noopener" size="sm">
      <Group gap={6} component="span" display="inline-flex">
        {t("signup.fullPage")} <ExternalLink size={14} aria-hidden />
      </Group>
    </Anchor>
  );
}
