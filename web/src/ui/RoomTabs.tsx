/** The pages of a room beside each other. */
import { Link } from "@tanstack/react-router";
import classes from "./RoomTabs.module.css";

interface RoomTabsProps {
  label: string;
  /** Addresses and what they are called. */
  tabs: readonly (readonly [to: string, label: string])[];
}

export function RoomTabs({ label, tabs }: RoomTabsProps) {
  return (
    <nav aria-label={label} className={classes.tabs}>
      {tabs.map(([to, text]) => (
        <Link key={to} to={to} className={classes.tab} activeOptions={{ exact: true }}>
          {text}
        </Link>
      ))}
    </nav>
  );
}
