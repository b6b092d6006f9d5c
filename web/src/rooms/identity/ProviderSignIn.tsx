/** Signing in through the providers that the operator configured. */
import { Button } from "@mantine/core";
import { queryOptions, useQuery } from "@tanstack/react-query";
import { LogIn } from "lucide-react";
import { useTranslation } from "react-i18next";
import { answer, api } from "@/api/client";

/** The providers to choose from. Where they cannot be read, one signs in otherwise. */
export const providersQuery = queryOptions({
  queryKey: ["sign-in-providers"],
  queryFn: async () => (await answer(api.GET("/api/v1/openid/providers"))).items,
  retry: false,
});

export function ProviderSignIn({ returnTo }: { returnTo: string }) {
  const { t } = useTranslation("identity");
  const { data: providers = [] } = useQuery(providersQuery);
  return providers.map((provider) => (
    <Button
      key={provider.id}
      component="a"
      href={`/api/v1/openid/providers/${provider.id}/start?return_to=${encodeURIComponent(returnTo)}`}
      variant="default"
      fullWidth
      leftSection={<LogIn size={18} aria-hidden />}
    >
      {t("signIn.provider", { name: provider.name })}
    </Button>
  ));
}
