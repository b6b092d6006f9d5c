/** Answers a form. The emulator does not draw forms' screens, so the answer is written as the form would send it. */
import { useState, type SubmitEvent } from "react";
import { useTranslation } from "react-i18next";
import classes from "../chat/attach/Attach.module.css";
import { useRoom } from "../chat/ChatRoom";
import { Button } from "../ui/Button";
import { Sheet } from "../ui/Sheet";

interface FlowSheetProps {
  name: "flow" | "address_message";
  token: string;
  replyTo: string;
  onClose: () => void;
}

export function FlowSheet({ name, token, replyTo, onClose }: FlowSheetProps) {
  const { t } = useTranslation("phone");
  const { send } = useRoom();
  const example = name === "flow" ? { flow_token: token || "unused", answer: "yes" } : { values: { name: "Budi", city: "Jakarta" } };
  const [answer, setAnswer] = useState(() => JSON.stringify(example, null, 2));
  const [wrong, setWrong] = useState(false);
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    try {
      JSON.parse(answer);
    } catch {
      setWrong(true);
      return;
    }
    onClose();
    const reply = { name, body: "Sent", response_json: answer };
    void send({ type: "interactive", content: { type: "nfm_reply", nfm_reply: reply }, replyTo });
  };
  return (
    <Sheet title={t("flow.title")} onClose={onClose}>
      <form onSubmit={submit} className={classes.form}>
        <p className={classes.hint}>{t("flow.hint")}</p>
        <textarea
          className={classes.area}
          aria-label={t("flow.answer")}
          aria-invalid={wrong}
          value={answer}
          dir="ltr"
          onChange={(event) => {
            setAnswer(event.target.value);
            setWrong(false);
          }}
        />
        {wrong && <p role="alert">{t("flow.wrong")}</p>}
        <Button type="submit" kind="filled">
          {t("composer.send")}
        </Button>
      </form>
    </Sheet>
  );
}
