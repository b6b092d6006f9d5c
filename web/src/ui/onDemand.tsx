/** Parts that are loaded when they are first wanted, so that a page opens without them. */
import { lazy, Suspense, useState, type ComponentType, type ReactNode } from "react";

/**
 * A part that stands in the page from when it is first wanted: a dialog that closes may do so in its own time.
 *
 * @param load Reads the part.
 * @param isWanted Tells from what it is given whether it is to be seen.
 */
export function onDemand<Props extends object>(
  load: () => Promise<ComponentType<Props>>,
  isWanted: (props: Props) => boolean = () => true,
  fallback: ReactNode = null,
): (props: Props) => ReactNode {
  const Part = lazy(async () => ({ default: (await load()) as ComponentType<object> }));
  return function OnDemand(props: Props) {
    const [isHere, setHere] = useState(false);
    const wants = isWanted(props);
    if (wants && !isHere) setHere(true);
    return (
      (wants || isHere) && (
        <Suspense fallback={fallback}>
          <Part {...props} />
        </Suspense>
      )
    );
  };
}
