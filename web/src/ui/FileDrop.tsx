/** A part of a page that takes files which are dropped on it. The button for choosing them stands elsewhere. */
import { Box, Overlay, Text } from "@mantine/core";
import { Upload } from "lucide-react";
import { useState, type DragEvent, type ReactNode } from "react";
import classes from "./FileDrop.module.css";

interface FileDropProps {
  /** What dropping does, shown while files are held over it. */
  invitation: string;
  disabled?: boolean;
  onFiles: (files: File[]) => void;
  children: ReactNode;
}

export function FileDrop({ invitation, disabled, onFiles, children }: FileDropProps) {
  const [depth, setDepth] = useState(0);
  if (disabled) return children;
  const carriesFiles = (event: DragEvent) => event.dataTransfer.types.includes("Files");
  const on = (change: (depth: number) => number) => (event: DragEvent) => {
    if (!carriesFiles(event)) return;
    event.preventDefault();
    setDepth(change);
  };
  return (
    <Box
      pos="relative"
      onDragEnter={on((depth) => depth + 1)}
      onDragLeave={on((depth) => depth - 1)}
      onDragOver={on((depth) => depth)}
      onDrop={(event) => {
        on(() => 0)(event);
        const files = [...event.dataTransfer.files];
        if (files.length > 0) onFiles(files);
      }}
    >
      {children}
      {depth > 0 && (
        <Overlay className={classes.over} backgroundOpacity={0.9} color="var(--mantine-color-body)" radius="md" zIndex={10}>
          <Upload size={32} aria-hidden />
          <Text fw={600}>{invitation}</Text>
        </Overlay>
      )}
    </Box>
  );
}
