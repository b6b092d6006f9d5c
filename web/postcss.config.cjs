/** Sizes of Mantine, without the factor that would scale them: it is always one here, and weighs in every first visit. */
const unscaled = {
  postcssPlugin: "unscaled",
  Declaration(declaration) {
    const value = declaration.value.replace(/calc\((-?[\d.]+rem) \* var\(--mantine-scale\)\)/g, "$1");
    if (value !== declaration.value) declaration.value = value;
  },
};

module.exports = { plugins: [require("postcss-preset-mantine")(), unscaled] };
