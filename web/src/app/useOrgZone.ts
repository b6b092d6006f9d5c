/** The clock by which the organisation's rules go. */
import { useQuery } from "@tanstack/react-query";
import { organisationQuery } from "./organisation";
import { useOrg } from "./session";

/** Its time zone, once it is known. */
export function useOrgZone(): string | undefined {
  return useQuery(organisationQuery(useOrg())).data?.timezone;
}
