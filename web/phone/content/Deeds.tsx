/** What stands under a message to be tapped. */
import { Copy, ExternalLink, List, Phone, Reply, type LucideIcon } from "lucide-react";
import type { ReactNode } from "react";
import classes from "./Content.module.css";

export const ICONS = { reply: Reply, link: ExternalLink, call: Phone, copy: Copy, list: List } satisfies Record<string, LucideIcon>;

export function Deeds({ children }: { children: ReactNode }) {
  return <div className={classes.deeds}>{children}</div>;
}

interface DeedProps {
  icon?: LucideIcon | undefined;
  children: ReactNode;
  onClick?: (() => void) | undefined;
  href?: string | undefined;
}

/** One of them: it does something, or leads somewhere. */
export function Deed({ icon: Icon, children, onClick, href }: DeedProps) {
  const inside = (
    <>
      {Icon && <Icon size={16} aria-hidden />}
      <span>{children}</span>
    </>
  );
  if (href !== undefined) {
    return (
      <a className={classes.deed} href={href} target="_blank" rel="noopener noreferrer nofollow">
        {inside}
      </a>
    );
  }
  return (
    <button type="button" className={classes.deed} onClick={onClick} disabled={!onClick}>
      {inside}
    </button>
  );
}
