/** The businesses of the emulator's world, those that can be written to first. */
import { useQuery } from "@tanstack/react-query";
import { BadgeCheck } from "lucide-react";
import { useTranslation } from "react-i18next";
import { businessesQuery } from "../api/queries";
import type { Business } from "../api/types";
import { Face } from "../ui/Face";
import { Failure } from "../ui/Notice";
import rows from "../ui/Rows.module.css";
import classes from "./Businesses.module.css";

export function Businesses({ onChosen }: { onChosen: (business: Business) => void }) {
  const { t } = useTranslation("phone");
  const businesses = useQuery(businessesQuery);
  return (
    <>
      <Failure error={businesses.error} />
      <ul>
        {businesses.data?.map((business) => (
          <li key={business.id}>
            <button type="button" className={rows.row} disabled={!business.registered} onClick={() => onChosen(business)}>
              <Face name={business.name} picture={business.picture} />
              <span className={rows.words}>
                <span className={rows.top}>
                  <span className={rows.name}>
                    {business.name}
                    {business.name_approved && (
                      <BadgeCheck size={16} className={classes.badge} aria-label={t("business.approved")} role="img" />
                    )}
                  </span>
                </span>
                <span className={rows.detail}>
                  <bdi>{business.display}</bdi>
                  {!business.registered && ` · ${t("business.unregistered")}`}
                </span>
              </span>
            </button>
          </li>
        ))}
      </ul>
    </>
  );
}
