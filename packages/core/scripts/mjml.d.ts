/** The part of mjml that `build-mail.ts` uses; the package brings no types. */
declare module "mjml" {
  export default function mjml2html(
    source: string,
    options: {
      filePath: string;
      ignoreIncludes: boolean;
      keepComments: boolean;
      validationLevel: "strict";
      fonts: Record<string, string>;
    },
  ): Promise<{ html: string }>;
}
