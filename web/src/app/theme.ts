/** Colours, type and the habits of components. */
import { createTheme, type CSSVariablesResolver, type MantineColorsTuple } from "@mantine/core";

/** Sapa's green; the eighth carries white text (contrast 5.4), the fourth reads on dark. */
const sapa: MantineColorsTuple = [
  "#e7f8f2",
  "#d0eee3",
  "#a3dcc7",
  "#72c9aa",
  "#4bb991",
  "#33af81",
  "#159a6c",
  "#0b7a5c",
  "#08654c",
  "#04503c",
];

export const theme = createTheme({
  primaryColor: "sapa",
  primaryShade: { light: 7, dark: 7 },
  colors: { sapa },
  fontFamily: "system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', 'Helvetica Neue', Arial, sans-serif",
  headings: { textWrap: "balance" },
  defaultRadius: "md",
  cursorType: "pointer",
  focusRing: "auto",
  respectReducedMotion: true,
  components: {
    Badge: { defaultProps: { tt: "none" } },
    // On a phone they are pushed along, not stacked.
    Tabs: { styles: { list: { flexWrap: "nowrap", overflowX: "auto" } } },
    Tooltip: { defaultProps: { withArrow: true, openDelay: 300, events: { hover: true, focus: true, touch: false } } },
    // Only what has a role may be called something.
    Loader: { defaultProps: { role: "status" } },
    // The first item takes the focus; an empty stop before it is none that a menu may hold.
    Menu: { defaultProps: { withInitialFocusPlaceholder: false } },
    Modal: {
      // The head of a dialog is no banner of the page.
      defaultProps: { centered: true, overlayProps: { blur: 2 }, attributes: { header: { role: "presentation" } } },
      styles: { title: { fontWeight: 600 } },
    },
  },
});

/** Secondary text and links that keep a contrast of at least 4.5 on every surface; no line of one word at a paragraph's end. */
export const variables: CSSVariablesResolver = () => ({
  variables: { "--mantine-text-wrap": "pretty" },
  light: {
    "--mantine-color-dimmed": "#5b6470",
    "--mantine-color-anchor": "#08654c",
    "--mantine-color-placeholder": "#68707b",
    "--sapa-surface": "#f6f8f7",
    "--sapa-bubble-in": "#ffffff",
    "--sapa-bubble-out": "#d9f5e8",
    "--sapa-bubble-ai": "#e4ecfb",
    "--sapa-thread": "#eef2ef",
    "--sapa-edge": "#868e96",
    "--sapa-bubble-meta": "#55606b",
    "--sapa-shade": "rgb(0 0 0 / 5%)",
    "--mantine-color-error": "#c92a2a",
    "--mantine-color-orange-light-color": "#9a3200",
    "--mantine-color-yellow-light-color": "#7a4a00",
    "--mantine-color-teal-light-color": "#066649",
    "--mantine-color-green-light-color": "#1d6b2e",
  },
  dark: {
    "--mantine-color-text": "#e2e5e7",
    "--mantine-color-dimmed": "#a3a9b1",
    "--mantine-color-anchor": "#72c9aa",
    "--mantine-color-placeholder": "#9aa1aa",
    "--sapa-surface": "#1f2223",
    "--sapa-bubble-in": "#2b2f31",
    "--sapa-bubble-out": "#0d4a39",
    "--sapa-bubble-ai": "#26375a",
    "--sapa-thread": "#191c1d",
    "--sapa-edge": "#7b838b",
    "--sapa-bubble-meta": "#bfc6cc",
    "--sapa-shade": "rgb(255 255 255 / 8%)",
    "--mantine-color-error": "#ff8787",
    "--mantine-color-sapa-light": "#163a2e",
    "--mantine-color-sapa-light-hover": "#1c4739",
    "--mantine-color-gray-light": "#34393c",
    "--mantine-color-gray-light-hover": "#3f4548",
    "--mantine-color-orange-light-color": "#ffc078",
  },
});
