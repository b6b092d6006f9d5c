/** What Meta's reviewers, readers and time do to templates, by hand. */
import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { allTemplatesQuery } from "../api/queries";
import { reviewTemplate, type Act } from "../api/write";
import { Button } from "../ui/Button";
import { SelectField } from "../ui/Field";
import { Failure } from "../ui/Notice";
import classes from "./Tools.module.css";

const REASONS = ["INVALID_FORMAT", "PROMOTIONAL", "SCAM", "ABUSIVE_CONTENT", "INCORRECT_CATEGORY", "TAG_CONTENT_MISMATCH"] as const;
const CATEGORIES = ["UTILITY", "MARKETING", "AUTHENTICATION"] as const;
const SCORES = ["GREEN", "YELLOW", "RED"] as const;

export function Review() {
  const { t } = useTranslation("phone");
  const templates = useQuery(allTemplatesQuery).data ?? [];
  const [chosen, setChosen] = useState("");
  const [reason, setReason] = useState<string>(REASONS[0]);
  const template = templates.find((one) => one.id === chosen) ?? templates.at(-1);
  const acting = useMutation({ mutationFn: (act: Act) => reviewTemplate(template?.id ?? "", act) });
  if (!template) return <p>{t("review.none")}</p>;
  const does = (label: string, act: Act) => (
    <Button key={label} busy={acting.isPending} onClick={() => acting.mutate(act)}>
      {label}
    </Button>
  );
  return (
    <>
      <section className={classes.group}>
        <SelectField label={t("review.template")} value={template.id} onChange={(event) => setChosen(event.currentTarget.value)}>
          {templates.map((one) => (
            <option key={one.id} value={one.id}>
              {one.name} ({one.language})
            </option>
          ))}
        </SelectField>
        <p className={classes.hint} role="status">
          {template.status} · {template.category} · {template.quality ?? "UNKNOWN"}
        </p>
        <div className={classes.buttons}>
          {does(t("review.approve"), { act: "approve" })}
          {does(t("review.pause"), { act: "pause" })}
          {does(t("review.unpause"), { act: "unpause" })}
          {does(t("review.disable"), { act: "disable" })}
        </div>
        <Failure error={acting.error} />
      </section>
      <section className={classes.group}>
        <h3>{t("review.reject")}</h3>
        <SelectField label={t("review.reason")} value={reason} onChange={(event) => setReason(event.currentTarget.value)}>
          {REASONS.map((one) => (
            <option key={one}>{one}</option>
          ))}
        </SelectField>
        <div className={classes.buttons}>{does(t("review.reject"), { act: "reject", reason })}</div>
      </section>
      <section className={classes.group}>
        <h3>{t("review.category")}</h3>
        <p className={classes.hint}>{t("review.categoryHint")}</p>
        <div className={classes.buttons}>
          {CATEGORIES.filter((one) => one !== template.category).map((category) => does(category, { act: "category", category }))}
        </div>
      </section>
      <section className={classes.group}>
        <h3>{t("review.quality")}</h3>
        <div className={classes.buttons}>{SCORES.map((score) => does(score, { act: "quality", score }))}</div>
      </section>
    </>
  );
}
