/** Goes where an alert leads that somebody has clicked on, without loading the page anew. */
import { useRouter } from "@tanstack/react-router";
import { useEffect } from "react";

/** What the worker (`public/sw.js`) sends. */
interface Wish {
  type?: unknown;
  path?: unknown;
}

export function OpenFromAlert() {
  const { history } = useRouter();
  useEffect(() => {
    if (!("serviceWorker" in navigator)) return;
    const go = ({ data }: MessageEvent<Wish | null>) => {
      if (data?.type === "open" && typeof data.path === "string" && data.path.startsWith("/")) history.push(data.path);
    };
    navigator.serviceWorker.addEventListener("message", go);
    return () => navigator.serviceWorker.removeEventListener("message", go);
  }, [history]);
  return null;
}
