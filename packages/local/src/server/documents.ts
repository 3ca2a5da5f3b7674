/** The texts that an applicant accepts, for a brand that has not written its own yet. They are examples, and say so. */
const documents = {
  guidelines: {
    title: "Ambassador guidelines",
    text: [
      "Say that you are our ambassador wherever you recommend us, in words that nobody can miss.",
      "Tell what you found yourself. Do not promise what we do not promise.",
      "Share your code with your own audience. Coupon sites and paid search for our name are not for ambassadors.",
      "Be kind. We look at every report, and we hear you before we decide.",
    ],
  },
  terms: {
    title: "Terms of the program",
    text: [
      "You earn a commission on orders that are placed with your code or your link, at the rate of your tier.",
      "A commission is released once its hold has ended. What a customer sends back earns nothing.",
      "Either side may end this at any time. What was released until then is paid.",
    ],
  },
  privacy: {
    title: "Privacy",
    text: [
      "We keep your name, your address and your channels to run this program, and nothing that we do not need for it.",
      "Ask us at any time what we hold about you, or to erase it.",
    ],
  },
};

export type DocumentName = keyof typeof documents;
export const isDocument = (name: string): name is DocumentName => Object.hasOwn(documents, name);

/** In the look of the demo shop: these are the brand's texts and not Laurel's. */
export function documentPage(name: DocumentName): string {
  const { title, text } = documents[name];
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>${title}</title>
<link rel="icon" href="/shop/icon.svg" type="image/svg+xml"><link rel="stylesheet" href="/shop/shop.css"></head>
<body><main class="document"><h1>${title}</h1>
<p><em>An example text. A brand puts its own in its place.</em></p>
${text.map((paragraph) => `<p>${paragraph}</p>`).join("\n")}
</main></body>
</html>
`;
}
