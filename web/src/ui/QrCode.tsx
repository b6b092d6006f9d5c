/** An address to be read by a phone's camera. It stands on white in dark colours too: readers expect dark on light. */
import { Skeleton } from "@mantine/core";
import { lazy, Suspense } from "react";

interface QrCodeProps {
  /** What a phone reads. */
  value: string;
  /** What it is, for those who do not see it. */
  label: string;
  /** Its width, in pixels. */
  size?: number;
}

const Drawn = lazy(() => import("./QrDrawn").then((module) => ({ default: module.QrDrawn })));

export function QrCode({ size = 168, ...more }: QrCodeProps) {
  return (
    <Suspense fallback={<Skeleton width={size} height={size} />}>
      <Drawn size={size} {...more} />
    </Suspense>
  );
}
