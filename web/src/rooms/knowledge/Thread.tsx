/** The questions and answers as a customer would see them. An answer that is pressed is explained beside it. */
import { Button, Stack, Text, UnstyledButton } from "@mantine/core";
import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import type { Tried } from "./tried";
import classes from "./TestPage.module.css";

interface ThreadProps {
  tried: readonly Tried[];
  /** A question whose answer is awaited. */
  asked?: string;
  /** The answer that is explained. */
  looked?: string;
  onLook: (id: string) => void;
  onExample: (question: string) => void;
}

export function Thread({ tried, asked, looked, onLook, onExample }: ThreadProps) {
  const { t } = useTranslation("knowledge");
  const foot = useRef<HTMLDivElement>(null);
  useEffect(() => foot.current?.scrollIntoView({ block: "nearest" }), [tried.length, asked]);
  return (
    <div className={classes.thread} role="log" aria-label={t("test.thread")} tabIndex={0}>
      {tried.length === 0 && !asked && <Examples onExample={onExample} />}
      {tried.map((one) => (
        <Exchange key={one.id} one={one} looked={one.id === looked} onLook={onLook} />
      ))}
      {asked && (
        <>
          <div className={`${classes.bubble} ${classes.out}`}>{asked}</div>
          <Text size="sm" c="dimmed">
            {t("test.thinking")}
          </Text>
        </>
      )}
      <div ref={foot} />
    </div>
  );
}

function Exchange({ one, looked, onLook }: { one: Tried; looked: boolean; onLook: (id: string) => void }) {
  const { t } = useTranslation("knowledge");
  return (
    <>
      <div className={`${classes.bubble} ${classes.out}`}>{one.question}</div>
      <UnstyledButton
        className={`${classes.bubble} ${classes.in} ${looked ? classes.looked : ""}`}
        lang={one.answer.language}
        aria-pressed={looked}
        title={t("test.look")}
        onClick={() => onLook(one.id)}
      >
        {one.answer.text}
      </UnstyledButton>
    </>
  );
}

function Examples({ onExample }: { onExample: (question: string) => void }) {
  const { t } = useTranslation("knowledge");
  const examples = [t("test.exampleHours"), t("test.examplePrice"), t("test.examplePerson")];
  return (
    <Stack align="center" justify="center" flex={1} gap="xs">
      <Text c="dimmed" ta="center" maw={300}>
        {t("test.empty")}
      </Text>
      {examples.map((example) => (
        <Button key={example} variant="default" size="xs" radius="xl" onClick={() => onExample(example)}>
          {example}
        </Button>
      ))}
    </Stack>
  );
}
